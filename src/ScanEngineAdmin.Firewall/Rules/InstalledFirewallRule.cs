namespace ScanEngineAdmin.Firewall.Rules;

/// <summary>A rule as it was found on this host: one of ours, or a foreign one that matters for our ports.</summary>
public sealed record InstalledFirewallRule
{
    /// <summary>Ours by its tag, or by the list of what was added where there are no tags; null if foreign.</summary>
    public string? RuleId { get; init; }

    public required FirewallProvider Provider { get; init; }

    public required RuleFlow Flow { get; init; }

    /// <summary>The port at the listening end; null for all, or for several.</summary>
    public int? Port { get; init; }

    /// <summary>The peers' addresses or networks; empty means any.</summary>
    public IReadOnlyList<string> RemoteAddress { get; init; } = [];

    /// <summary>Null for both.</summary>
    public RuleFamily? Family { get; init; }

    public required InstalledAction Action { get; init; }

    public bool Foreign => RuleId is null;

    /// <summary>Whether it is what happens to all that no rule has matched.</summary>
    public bool IsDefault { get; init; }

    /// <summary>
    /// Whether it survives a restart of the host; null when its provider leaves that to another tool.
    /// </summary>
    public bool? Persistent { get; init; }

    /// <summary>
    /// Whether it is asked now; false when firewalld only keeps it, for its next start or reload.
    /// </summary>
    public bool InForce { get; init; } = true;

    /// <summary>The chain, zone or list it is in.</summary>
    public string Chain { get; init; } = string.Empty;

    /// <summary>Its place there: what is lower is asked first.</summary>
    public int Order { get; init; }

    /// <summary>As the provider shows it.</summary>
    public required string Text { get; init; }

    /// <summary>The tool that has it, where it is iptables': iptables, iptables-nft or iptables-legacy.</summary>
    internal string Backend { get; init; } = RulePlaces.PlainBackend;

    /// <summary>Its zone, or its backend: what <see cref="RulePlaces"/> names.</summary>
    internal string Place => Provider == FirewallProvider.Iptables ? Backend : Chain;

    /// <summary>
    /// Whether it is in a zone of firewalld that is not the default one: it does not tell which peers come there.
    /// </summary>
    internal bool IsElsewhere { get; init; }

    /// <summary>nftables' name for it.</summary>
    internal long Handle { get; init; }

    /// <summary>nftables' name for the rule before it in its chain; 0 if it is the first.</summary>
    internal long After { get; init; }

    public override string ToString() => Text;
}
