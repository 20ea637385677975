namespace ScanEngineAdmin.Domain.Stores;

/// <summary>What one engine's scans take at the console.</summary>
/// <param name="StoredBytes">Bytes of the findings of its scans, finished ones included.</param>
/// <param name="Quota">What its admin set; null for the console's default.</param>
internal sealed record EngineUsage(long StoredBytes, long? Quota)
{
    /// <summary>
    /// For an engine whose admin set nothing: a hundred million closed ports, or a few million banners.
    /// </summary>
    public const long DefaultQuota = 4L << 30;

    /// <summary>Less would stop a single small scan.</summary>
    public const long LeastQuota = 1L << 20;

    public long Limit => Quota ?? DefaultQuota;
}
