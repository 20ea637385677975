namespace ScanEngineAdmin.Domain.Scans;

/// <summary>What becomes of a scan of a pool, written in one transaction.</summary>
internal sealed record PoolStep(ScanRecord Scan)
{
    /// <summary>Parts that change; a part that is not named here stays as it is.</summary>
    public IReadOnlyDictionary<Guid, Func<ScanRecord, ScanRecord>> Parts { get; init; } =
        new Dictionary<Guid, Func<ScanRecord, ScanRecord>>();

    /// <summary>A part that is given away.</summary>
    public ScanRecord? Given { get; init; }
}
