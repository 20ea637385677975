namespace ScanEngineAdmin.Domain.Scans;

/// <summary>
/// One scan as the engine's store holds it: taken on durably before it is acknowledged to the console.
/// </summary>
internal sealed record EngineScanRecord
{
    public required Guid PairingId { get; init; }

    public required Guid ScanId { get; init; }

    public required int Attempt { get; init; }

    public required ScanRequest Request { get; init; }

    /// <summary>
    /// Running until the final batch is spooled; then the final state, until the console has acknowledged all.
    /// </summary>
    public required ScanState State { get; init; }

    /// <summary>Units below this one are done and spooled.</summary>
    public long Cursor { get; init; }

    public long LastBatch { get; init; }

    public long AcknowledgedBatch { get; init; }

    public bool StopRequested { get; init; }

    /// <summary>Another attempt goes on where this one was asked to stop.</summary>
    public bool GoesOn { get; init; }

    public required DateTimeOffset Accepted { get; init; }

    /// <summary>When it ends by itself, by this host's clock; what was left of the console's deadline.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>
    /// It may be another engine's when the deadline is over: after a restart it waits for the console's word.
    /// </summary>
    public bool Leased { get; init; }
}
