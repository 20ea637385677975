using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin;

/// <summary>The maintenance windows of a console, in which nothing is scanned.</summary>
public sealed class EngineScanBlackOut
{
    internal EngineScanBlackOut(ConsoleBlackOut windows, DateTimeOffset now, string dataPath)
    {
        BlackOut = new TextList(windows.Windows);
        TimeZone = windows.TimeZone;
        Until = InputParser.Local(windows.Understood().Until(now));
        DataPath = dataPath;
    }

    public TextList BlackOut { get; }

    /// <summary>The time zone in whose clocks the windows are.</summary>
    public string TimeZone { get; }

    /// <summary>The end of the window that lasts now; none if none does.</summary>
    public DateTime? Until { get; }

    /// <summary>The data folder of the console.</summary>
    public string DataPath { get; }

    public override string ToString() => BlackOut is { Count: > 0 } ? string.Join("; ", BlackOut) : "none";
}
