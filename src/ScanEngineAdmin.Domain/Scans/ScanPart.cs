namespace ScanEngineAdmin.Domain.Scans;

/// <summary>
/// One part of a scan of a pool: a range of its units that one engine was given. To the engine it is a scan of its own.
/// </summary>
internal sealed record ScanPart
{
    /// <summary>The part's own id, by which its engine knows it.</summary>
    public required Guid ScanId { get; init; }

    /// <summary>Whose part it is; the pool's id when that engine is not paired any more.</summary>
    public required Guid PairingId { get; init; }

    public required string EngineName { get; init; }

    /// <summary>The first unit of the whole scan that is in it; its own units count from there.</summary>
    public required long First { get; init; }

    public required long Units { get; init; }

    public required ScanState State { get; init; }

    public int Attempt { get; init; }

    /// <summary>Its own units below this one are done and stored.</summary>
    public long Cursor { get; init; }

    /// <summary>Where it began: its own units below this one were done before it was given away.</summary>
    public long From { get; init; }

    /// <summary>How long its engine has it.</summary>
    public TimeSpan Lease { get; init; }

    /// <summary>How often the whole scan had been queued when it was given away.</summary>
    public int Round { get; init; }

    public ScanCause Cause { get; init; }

    public string Detail { get; init; } = string.Empty;

    /// <summary>Its share of the scan's rate; 0 for no limit.</summary>
    public int MaxRate { get; init; }

    public required DateTimeOffset Given { get; init; }

    public DateTimeOffset? Finished { get; init; }

    public bool StopRequested { get; init; }

    public ScanSuspension Suspension { get; init; }

    public bool IsOpen => State is ScanState.Queued or ScanState.Dispatched or ScanState.Running;

    /// <summary>What nobody else may be given: all of it while an engine has it, then what it has done.</summary>
    public long Held => First + (IsOpen || State == ScanState.Completed ? Units : Math.Min(Cursor, Units));

    /// <summary>The end of its range, behind its last unit.</summary>
    public long End => First + Units;
}
