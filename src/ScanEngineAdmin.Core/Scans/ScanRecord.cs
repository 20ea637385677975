namespace ScanEngineAdmin.Core.Scans;

/// <summary>One scan as the console's store holds it. It is there before anything is sent.</summary>
public sealed record ScanRecord
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

    /// <summary>Why it failed or was stopped, or what it could not do (a name that did not resolve).</summary>
    public string Detail { get; init; } = string.Empty;

    public bool IsFinished => State is ScanState.Completed or ScanState.Failed or ScanState.Stopped;
}
