namespace ScanEngineAdmin.Domain.Schedules;

/// <summary>What there may be at most.</summary>
internal static class ScheduleLimits
{
    /// <summary>Schedules of one console.</summary>
    public const int MaxSchedules = 500;

    /// <summary>Cron expressions of one schedule: one an hour of the day.</summary>
    public const int MaxExpressions = 24;

    public const int MaxExpressionLength = 200;

    /// <summary>Maintenance windows of one schedule, or of the console.</summary>
    public const int MaxWindows = 64;

    /// <summary>Runs of one schedule that rest: nothing removes them but an admin.</summary>
    public const int MaxSuspended = 10;

    /// <summary>Characters of all targets and exclusions: all schedules are kept as long as the console is.</summary>
    public const int MaxTargetText = 1 << 20;

    private const int FirstYear = 2000;
    private const int LastYear = 2400;

    public static readonly TimeSpan MinDuration = TimeSpan.FromMinutes(1);

    public static readonly TimeSpan MaxDuration = TimeSpan.FromDays(30);

    /// <summary>A run that is entered later than that after its time is one that was missed.</summary>
    public static readonly TimeSpan Lateness = TimeSpan.FromMinutes(1);

    /// <summary>Dates beyond are typing errors, and the calendar has ends.</summary>
    public static bool IsDate(DateOnly day) => day.Year is >= FirstYear and <= LastYear;
}
