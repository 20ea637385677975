namespace ScanEngineAdmin.Tests.Shared;

/// <summary>A test of what only root can do, and has to leave; elsewhere it is skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RootFactAttribute : Xunit.FactAttribute
{
    public RootFactAttribute()
    {
        Skip = ThisMachine.WhyNotRoot;
    }
}
