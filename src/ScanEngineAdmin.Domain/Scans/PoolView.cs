namespace ScanEngineAdmin.Domain.Scans;

/// <summary>A scan of a pool with all that its sharing depends on, read at one moment.</summary>
internal sealed record PoolView(
    ScanRecord Scan, EnginePool? Pool, IReadOnlyList<ScanPart> Parts, IReadOnlyList<PoolMember> Members);
