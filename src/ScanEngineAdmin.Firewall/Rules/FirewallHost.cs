using System.Net;

namespace ScanEngineAdmin.Firewall.Rules;

/// <summary>
/// One of a plan's two hosts, as far as the planning side knows it. Names are resolved by the caller.
/// </summary>
internal sealed record FirewallHost
{
    /// <summary>Name or address, for people; null when nobody said one.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// The address the peer was last seen at. It wins over everything configured: behind NAT only this one is ever in
    /// a packet that the other host's filter sees.
    /// </summary>
    public IPAddress? Observed { get; init; }

    /// <summary>What <see cref="Name"/> resolved to (or the address itself); empty when it did not.</summary>
    public IReadOnlyList<IPAddress> Resolved { get; init; } = [];

    /// <summary>
    /// From where its node may dial, as an admin says: wins over all addresses, in what the other host lets in.
    /// </summary>
    public IReadOnlyList<IPNetwork> AllowFrom { get; init; } = [];

    /// <summary>The port its node listens on when it is the one that is dialled.</summary>
    public required int Port { get; init; }

    /// <summary>The manager that owns its filter; null when none is known: then rules have no commands.</summary>
    public FirewallProvider? Provider { get; init; }

    /// <summary>Where rules go if <see cref="Provider"/> is nftables.</summary>
    public NftablesPlacement Nftables { get; init; } = NftablesPlacement.Default;

    /// <summary>The policies that deny what the host sends, if <see cref="Provider"/> is firewalld.</summary>
    public IReadOnlyList<string> Policies { get; init; } = [];

    /// <summary>Whether it drops outgoing connections that no rule allows; null when that is not known.</summary>
    public bool? DeniesOutbound { get; init; }
}
