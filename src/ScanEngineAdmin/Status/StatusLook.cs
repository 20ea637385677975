namespace ScanEngineAdmin.Status;

/// <summary>How a frame may look where it is shown.</summary>
/// <param name="Width">Cells of a line.</param>
/// <param name="Height">Lines of a frame; null for as many as there are.</param>
/// <param name="Colours">Of states; null for none.</param>
/// <param name="Plain">Whether there are signs of ASCII alone.</param>
internal sealed record StatusLook(int Width, int? Height, StatusColours? Colours, bool Plain)
{
    /// <summary>What every terminal has.</summary>
    private const int DefaultWidth = 80;

    // With less there is no room for the name of an engine.
    private const int LeastWidth = 72;
    private const int MostWidth = 160;

    /// <summary>For a text that goes into the pipeline.</summary>
    public static StatusLook OfText => new(DefaultWidth, null, null, IsNotUtf8);

    /// <summary>For a terminal of that size; what does not fit into less than the least is cut by the terminal.</summary>
    public static StatusLook OfScreen(int width, int height, StatusColours colours) => new(
        Math.Clamp(width - 1, LeastWidth, MostWidth), height, colours, IsNotUtf8);

    private static bool IsNotUtf8 => System.Console.OutputEncoding.CodePage != 65001;
}
