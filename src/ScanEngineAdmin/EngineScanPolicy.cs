using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin;

/// <summary>What an engine's own admin lets be scanned from there, whatever the console says.</summary>
public sealed class EngineScanPolicy
{
    internal EngineScanPolicy(TargetPolicy policy, string dataPath)
    {
        Allow = new TextList(policy.Allow);
        Deny = new TextList(policy.Deny);
        MaxRate = policy.MaxRate;
        MaxParallelism = policy.MaxParallelism;
        AllowNmap = policy.AllowNmap;
        OnDenied = policy.OnDenied;
        DataPath = dataPath;
    }

    /// <summary>Addresses, ranges and CIDR blocks; empty allows all that is not denied.</summary>
    public TextList Allow { get; }

    /// <summary>Addresses, ranges and CIDR blocks; wins over Allow.</summary>
    public TextList Deny { get; }

    /// <summary>Connection attempts per second in all; 0 for no limit.</summary>
    public int MaxRate { get; }

    /// <summary>Connection attempts under way at once, per scan.</summary>
    public int MaxParallelism { get; }

    /// <summary>Whether consoles may scan with this host's nmap.</summary>
    public bool AllowNmap { get; }

    /// <summary>What becomes of a scan that names what may not be scanned.</summary>
    public DeniedTargets OnDenied { get; }

    public string DataPath { get; }

    public override string ToString() =>
        $"{(Allow is { Count: > 0 } ? string.Join(", ", Allow) : "everything")}{(Deny is { Count: > 0 } ? $" without {string.Join(", ", Deny)}" : string.Empty)}";
}
