using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Domain.Schedules;

/// <summary>A schedule as the console's store holds it: what is scanned from which engine or pool, and when.</summary>
internal sealed record ScheduleRecord
{
    public required string Name { get; init; }

    /// <summary>The pairing of the engine; of a schedule of a pool the pool's id.</summary>
    public required Guid PairingId { get; init; }

    public bool IsPool { get; init; }

    /// <summary>When, in cron expressions: whichever comes first is next.</summary>
    public required IReadOnlyList<string> Cron { get; init; }

    /// <summary>The id of the time zone in whose clocks the expressions, dates and windows are.</summary>
    public required string TimeZone { get; init; }

    public DateOnly? StartDate { get; init; }

    /// <summary>The last day on which a run begins.</summary>
    public DateOnly? EndDate { get; init; }

    /// <summary>How long a run may take from when it was due to begin; null for as long as it takes.</summary>
    public TimeSpan? MaxDuration { get; init; }

    /// <summary>Maintenance windows in which this schedule scans nothing.</summary>
    public IReadOnlyList<string> BlackOut { get; init; } = [];

    public MissedRunRule Missed { get; init; }

    public OverlapRule Overlap { get; init; }

    public LimitRule OnLimit { get; init; }

    public bool Enabled { get; init; } = true;

    public required ScanRequest Request { get; init; }

    public long TargetsTotal { get; init; }

    public ScanPriority Priority { get; init; } = ScanPriority.Normal;

    public int MaxAttempts { get; init; } = ScanTerms.DefaultAttempts;

    public required DateTimeOffset Created { get; init; }

    /// <summary>When the next run is due; null if there is none any more, or it is disabled.</summary>
    public DateTimeOffset? Next { get; init; }

    /// <summary>When the run was due that waits for the one before it, or for the end of a window.</summary>
    public DateTimeOffset? Waiting { get; init; }

    /// <summary>The time that was dealt with last, whether it led to a run or not: no time counts twice.</summary>
    public DateTimeOffset? LastDue { get; init; }

    public Guid? LastScanId { get; init; }

    /// <summary>The run that was compared with the one before it last.</summary>
    public Guid? ComparedScanId { get; init; }

    public long Runs { get; init; }

    /// <summary>Times that led to no run of their own.</summary>
    public long Skipped { get; init; }

    /// <summary>Why the last time led to no run, or why none comes.</summary>
    public string Detail { get; init; } = string.Empty;
}
