using ScanEngineAdmin.Domain.Schedules;

namespace ScanEngineAdmin.Scanning.Schedules;

/// <summary>Maintenance windows in which nothing is scanned, in the clocks of one time zone.</summary>
internal sealed class BlackOut
{
    // Windows that follow one another without end are one that is looked at again.
    private const int MostInARow = 100;

    private readonly IReadOnlyList<BlackOutWindow> _windows;
    private readonly TimeZoneInfo _zone;

    private BlackOut(IReadOnlyList<BlackOutWindow> windows, TimeZoneInfo zone) => (_windows, _zone) = (windows, zone);

    public static BlackOut None { get; } = new([], TimeZoneInfo.Utc);

    /// <exception cref="Domain.Faults.ScanEngineException">ScheduleInvalid.</exception>
    public static BlackOut Of(IReadOnlyList<string> windows, string zone)
    {
        ArgumentNullException.ThrowIfNull(windows);
        if (windows.Count > ScheduleLimits.MaxWindows)
        {
            throw ScheduleFaults.Invalid(
                $"{windows.Count} maintenance windows are given, and {ScheduleLimits.MaxWindows} are allowed.",
                "Name several days in one: 'Mon-Fri 08:00-18:00'.");
        }

        return windows.Count == 0 ? None : new BlackOut([.. windows.Select(BlackOutWindow.Read)], ZoneTime.Find(zone));
    }

    /// <summary>Until when nothing is scanned; null if it may be now.</summary>
    public DateTimeOffset? Until(DateTimeOffset now)
    {
        DateTimeOffset? until = null;
        for (int i = 0; i < MostInARow && _windows.Max(window => window.End(until ?? now, _zone)) is { } end; i++)
        {
            until = end;
        }

        return until;
    }
}
