namespace ScanEngineAdmin.Scanning.Targets;

/// <summary>What an engine's own admin lets be scanned from there, whatever the console says.</summary>
internal sealed record TargetPolicy
{
    /// <summary>Addresses, ranges and CIDR blocks; empty allows all that is not denied.</summary>
    public IReadOnlyList<string> Allow { get; init; } = [];

    /// <summary>Addresses, ranges and CIDR blocks; wins over <see cref="Allow"/>.</summary>
    public IReadOnlyList<string> Deny { get; init; } = [];

    /// <summary>
    /// What becomes of a scan that names an address which may not be scanned: it is refused whole, or that address is
    /// passed over and counted.
    /// </summary>
    public DeniedTargets OnDenied { get; init; }

    /// <summary>Connection attempts per second in all; 0 for no limit.</summary>
    public int MaxRate { get; init; }

    /// <summary>Connection attempts under way at once, per scan.</summary>
    public int MaxParallelism { get; init; } = 1024;
}
