namespace ScanEngineAdmin.Core.Messages;

/// <summary>Which manager owns your host's filter, and does it deny connections out by default?</summary>
internal sealed record HostFirewallAsk;

/// <summary>As far as that node's own user may see it; what it may not is absent.</summary>
internal sealed record HostFirewallFacts
{
    /// <summary>The manager's name. A text: one that this version does not know is none it can write for.</summary>
    public string? Provider { get; init; }

    public bool? DeniesOutbound { get; init; }
}
