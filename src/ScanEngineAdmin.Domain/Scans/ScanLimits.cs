namespace ScanEngineAdmin.Domain.Scans;

/// <summary>
/// What one scan may be at most. The console checks before it queues, the engine again before it takes on.
/// </summary>
internal static class ScanLimits
{
    /// <summary>Targets times ports: a /9 on one port fits, a slip of the prefix does not run for weeks.</summary>
    public const long MaxUnits = 10_000_000;

    /// <summary>Texts in one target list, so that parsing a hostile request stays cheap.</summary>
    public const int MaxTargetTexts = 65_536;

    /// <summary>Host names in one scan: each costs a look-up on the engine before the scan starts.</summary>
    public const int MaxNames = 4_096;

    public const int MaxParallelism = 4_096;

    public const int MaxRate = 1_000_000;

    /// <summary>Findings in one batch: bounds a frame on the wire and the engine's memory alike.</summary>
    public const int MaxFindingsPerBatch = 4_096;

    /// <summary>Findings that an engine sends in a batch: with the longest banners they stay below what a console reads.</summary>
    public const int FindingsPerBatch = 512;

    /// <summary>Bytes of a target's text, a host name's longest form included.</summary>
    public const int MaxTargetBytes = 255;

    /// <summary>Bytes of a banner: 256 read, each at worst four characters once escaped.</summary>
    public const int MaxBannerBytes = 1_024;

    public const int MaxDetailBytes = 2_048;

    public static readonly TimeSpan MinTimeout = TimeSpan.FromMilliseconds(50);

    public static readonly TimeSpan MaxTimeout = TimeSpan.FromMinutes(5);

    /// <summary>nmap asks a port twice and leaves a host alone after 5 minutes.</summary>
    public static readonly TimeSpan MaxNmapTimeout = TimeSpan.FromSeconds(150);

    public static readonly TimeSpan MaxBannerTimeout = TimeSpan.FromSeconds(30);
}
