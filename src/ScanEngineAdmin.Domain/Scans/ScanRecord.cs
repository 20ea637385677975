namespace ScanEngineAdmin.Domain.Scans;

/// <summary>One scan as the console's store holds it. It is there before anything is sent.</summary>
internal sealed record ScanRecord
{
    public required Guid ScanId { get; init; }

    public required Guid PairingId { get; init; }

    public required string EngineName { get; init; }

    public required ScanRequest Request { get; init; }

    public required ScanState State { get; init; }

    /// <summary>Fences late answers: what an earlier attempt sends is refused.</summary>
    public int Attempt { get; init; }

    public required DateTimeOffset Queued { get; init; }

    public DateTimeOffset? Started { get; init; }

    public DateTimeOffset? Finished { get; init; }

    public long TargetsTotal { get; init; }

    public long TargetsDone { get; init; }

    public long FindingCount { get; init; }

    /// <summary>The last batch stored; the engine drops a batch only after it was acknowledged from here.</summary>
    public long LastBatch { get; init; }

    public bool StopRequested { get; init; }

    /// <summary>Whether it is to rest, or was to while its engine still ran it.</summary>
    public ScanSuspension Suspension { get; init; }

    /// <summary>Why it failed or was stopped, or what it could not do (a name that did not resolve).</summary>
    public string Detail { get; init; } = string.Empty;

    /// <summary>Why it does not go on now, or did not end well.</summary>
    public ScanCause Cause { get; init; }

    public DateTimeOffset? CauseSince { get; init; }

    /// <summary>The last cause that kept it and is over; None if it went through undisturbed.</summary>
    public ScanCause LastInterruption { get; init; }

    public int Interruptions { get; init; }

    /// <summary>The engine's process that was last seen to have it: tells a lost link from a restart.</summary>
    public Guid? EngineBootId { get; init; }

    /// <summary>Units below this one are done and stored here, by any attempt: where the next one begins.</summary>
    public long Cursor { get; init; }

    public DateTimeOffset? Deadline { get; init; }

    /// <summary>How far off the deadline was when it was given: no jump of the clock makes it longer.</summary>
    public TimeSpan? DeadlineAfter { get; init; }

    public ScanPriority Priority { get; init; } = ScanPriority.Normal;

    public int MaxAttempts { get; init; } = ScanTerms.DefaultAttempts;

    /// <summary>Runs that the engine lost or that failed, since it was queued or resumed.</summary>
    public int FailedAttempts { get; init; }

    /// <summary>A queued scan rests until then, after a run that failed.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>It is shared by the engines of a pool, whose id stands in place of an engine's.</summary>
    public bool IsPool { get; init; }

    /// <summary>The scan of a pool that this one is a part of.</summary>
    public Guid? ParentId { get; init; }

    /// <summary>Of a part: its first unit in the whole scan.</summary>
    public long FirstUnit { get; init; }

    /// <summary>Of a part: how many it has.</summary>
    public long PartUnits { get; init; }

    /// <summary>Of a part: its own units below this one were done before it was given away.</summary>
    public long PartFrom { get; init; }

    /// <summary>Of a part: how long its engine has it, from its start on; it ends it by itself then.</summary>
    public TimeSpan? Lease { get; init; }

    /// <summary>Of a part: the attempt of the whole scan that it belongs to.</summary>
    public int Round { get; init; }

    /// <summary>The name of the schedule whose run it is; null of a scan that an admin started.</summary>
    public string? Schedule { get; init; }

    /// <summary>When an admin had it go on last: a schedule's longest duration counts from then.</summary>
    public DateTimeOffset? Resumed { get; init; }

    public bool IsFinished => State is ScanState.Completed or ScanState.Failed or ScanState.Stopped;
}
