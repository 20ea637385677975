using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Schedules;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin;

/// <summary>What a console scans by itself, and when.</summary>
public sealed class EngineScanSchedule
{
    internal EngineScanSchedule(
        ScheduleRecord schedule, string engineName, IReadOnlyList<DateTimeOffset> times, string dataPath)
    {
        // Arrays: PowerShell cannot index what a collection expression makes of a read-only list.
        Schedule = schedule.Name;
        EngineName = engineName;
        Enabled = schedule.Enabled;
        Cron = new TextList(schedule.Cron);
        TimeZone = schedule.TimeZone;
        StartDate = Day(schedule.StartDate);
        EndDate = Day(schedule.EndDate);
        MaxDuration = schedule.MaxDuration;
        BlackOut = new TextList(schedule.BlackOut);
        Missed = schedule.Missed;
        Overlap = schedule.Overlap;
        OnLimit = schedule.OnLimit;
        NextRun = InputParser.Local(schedule.Next);
        NextRuns = times.Select(time => time.LocalDateTime).ToArray();
        WaitingSince = InputParser.Local(schedule.Waiting);
        LastDue = InputParser.Local(schedule.LastDue);
        LastScanId = schedule.LastScanId;
        Runs = schedule.Runs;
        Skipped = schedule.Skipped;
        Detail = schedule.Detail;
        Targets = new TextList(schedule.Request.Targets);
        Exclude = new TextList(schedule.Request.Exclude);
        Ports = schedule.Request.Ports;
        Timeout = schedule.Request.Timeout;
        Parallelism = schedule.Request.Parallelism;
        MaxRate = schedule.Request.MaxRate;
        Scanner = schedule.Request.Scanner;
        Priority = schedule.Priority;
        MaxAttempts = schedule.MaxAttempts;
        DataPath = dataPath;
    }

    /// <summary>The schedule's name.</summary>
    public string Schedule { get; }

    /// <summary>The engine's name, or the pool's.</summary>
    public string EngineName { get; }

    public bool Enabled { get; }

    /// <summary>When, in cron expressions: whichever comes first is next.</summary>
    public TextList Cron { get; }

    /// <summary>The time zone in whose clocks the expressions, dates and windows are.</summary>
    public string TimeZone { get; }

    public DateTime? StartDate { get; }

    /// <summary>The last day on which a scan begins.</summary>
    public DateTime? EndDate { get; }

    /// <summary>How long a scan may take; none for as long as it takes.</summary>
    public TimeSpan? MaxDuration { get; }

    /// <summary>Maintenance windows in which nothing is scanned.</summary>
    public TextList BlackOut { get; }

    public MissedRunRule Missed { get; }

    public OverlapRule Overlap { get; }

    /// <summary>What becomes of a scan at its longest duration, or when a maintenance window begins.</summary>
    public LimitRule OnLimit { get; }

    /// <summary>When the next scan is due, in this session's time.</summary>
    public DateTime? NextRun { get; }

    /// <summary>The next ten times.</summary>
    public IReadOnlyList<DateTime> NextRuns { get; }

    /// <summary>When the scan was due that waits for the one before it, or for the end of a maintenance window.</summary>
    public DateTime? WaitingSince { get; }

    /// <summary>The last time that was dealt with, whether it led to a scan or not.</summary>
    public DateTime? LastDue { get; }

    public Guid? LastScanId { get; }

    /// <summary>Scans that it has begun.</summary>
    public long Runs { get; }

    /// <summary>Times that led to no scan of their own.</summary>
    public long Skipped { get; }

    /// <summary>Why the last time led to no scan.</summary>
    public string Detail { get; }

    public TextList Targets { get; }

    public TextList Exclude { get; }

    public string Ports { get; }

    public TimeSpan Timeout { get; }

    public int Parallelism { get; }

    public int MaxRate { get; }

    /// <summary>What scans.</summary>
    public ScannerKind Scanner { get; }

    public ScanPriority Priority { get; }

    public int MaxAttempts { get; }

    /// <summary>The data folder of the console whose schedule it is.</summary>
    public string DataPath { get; }

    public override string ToString() => Schedule;

    private static DateTime? Day(DateOnly? day) => day?.ToDateTime(TimeOnly.MinValue);
}
