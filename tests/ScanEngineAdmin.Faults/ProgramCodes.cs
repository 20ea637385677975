/// <summary>How a command ends.</summary>
internal partial class Program
{
    public const int Passed = 0;
    public const int Failed = 1;
    public const int Usage = 2;

    /// <summary>This machine lacks what the command needs: said aloud, and not a pass.</summary>
    public const int CannotRun = 77;
}
