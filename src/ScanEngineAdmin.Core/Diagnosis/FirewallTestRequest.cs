using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Diagnosis;

/// <summary>What a reachability test is to test. Only host and port have to be known.</summary>
internal sealed record FirewallTestRequest
{
    public string EngineName { get; init; } = string.Empty;

    public CommunicationDirection Direction { get; init; }

    /// <summary>The pairing over whose channel the other end can be asked; null when there is none.</summary>
    public Guid? PairingId { get; init; }

    /// <summary>False for the direction that is not in use: it should be closed.</summary>
    public bool ShouldBeOpen { get; init; } = true;

    /// <summary>Name or address of the side that is dialled under <see cref="Direction"/>.</summary>
    public required string Host { get; init; }

    public required int Port { get; init; }

    /// <summary>
    /// Where this host is dialled: the port to have the other end dial; null for the one it dials by itself.
    /// </summary>
    public int? ProbePort { get; init; }

    /// <summary>Which node this host is; null when it is neither: then it dials.</summary>
    public NodeRole? LocalRole { get; init; }

    /// <summary>Where this host is dialled: the other end's address, as it was last seen here.</summary>
    public string? PeerAddress { get; init; }

    /// <summary>This node's identity; null dials with one made for the test.</summary>
    public NodeIdentity? Identity { get; init; }

    public Guid NodeId { get; init; }

    public string NodeName { get; init; } = string.Empty;

    /// <summary>The identities expected there; empty only shows what is met.</summary>
    public IReadOnlyCollection<Fingerprint> Pins { get; init; } = [];

    /// <summary>Facts that this node's hello carries in this pairing; the probe's own are added.</summary>
    public IReadOnlyDictionary<string, string> HelloProperties { get; init; } = new Dictionary<string, string>();

    /// <summary>Bounds every stage by itself: name, each address tried, the handshake, the round trip.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Where this host is dialled: the process that should hold the port; null when that is not known.
    /// </summary>
    public int? ListenerProcessId { get; init; }

    /// <summary>Where this host is dialled: the other side's last full round trip under this direction.</summary>
    public DateTimeOffset? LastContact { get; init; }

    /// <summary>Until when <see cref="LastContact"/> counts as proof.</summary>
    public DateTimeOffset? NextExpected { get; init; }

    /// <summary>Whether the connection comes to this host, so that it cannot be made from here.</summary>
    public bool IsDialled => LocalRole is { } role && role == FirewallNeed.Acceptor(Direction);

    /// <summary>
    /// The HTTP proxy that this host dials through, but for what <see cref="HttpProxy.IsUsedFor"/> excepts.
    /// </summary>
    public HttpProxy? Proxy { get; init; }

    /// <summary>The proxy that the way really leads through.</summary>
    internal HttpProxy? ProxyOnTheWay => Proxy?.IsUsedFor(Host) == true ? Proxy : null;

    /// <summary>Other protocol versions than this node's own: only tests of the test have them.</summary>
    internal (int Min, int Max)? Versions { get; init; }

    public string EndPoint => new DialTarget(Host, Port, Pins).EndPoint;
}
