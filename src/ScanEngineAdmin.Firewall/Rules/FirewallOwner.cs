namespace ScanEngineAdmin.Firewall.Rules;

/// <summary>Which manager owns this host's packet filter.</summary>
/// <param name="Provider">Null when there is none, or when it could not be found out: the reason tells which.</param>
/// <param name="Reason">What was seen.</param>
/// <param name="Known">False when the tools that would tell are missing, or may not be used by this user.</param>
/// <param name="Nftables">The chains that own the filter, where it is nftables.</param>
internal sealed record FirewallOwner(
    FirewallProvider? Provider, string Reason, bool Known, NftablesPlacement? Nftables = null)
{
    /// <summary>
    /// The policies that deny what this host sends, where it is firewalld; with <c>--direct</c> if its direct rules
    /// deny it as well.
    /// </summary>
    public IReadOnlyList<string> Policies { get; init; } = [];

    /// <summary>No program is installed that would tell.</summary>
    public bool NoTool { get; init; }

    /// <summary>Where rules have to be, where that was tried: zones of firewalld, or backends of iptables.</summary>
    public RulePlaces Places { get; init; } = new();
}
