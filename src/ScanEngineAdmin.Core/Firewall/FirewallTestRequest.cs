using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Direction;

namespace ScanEngineAdmin.Core.Firewall;

/// <summary>What a reachability test is to test. Only host and port have to be known.</summary>
public sealed record FirewallTestRequest
{
    public string EngineName { get; init; } = string.Empty;

    public CommunicationDirection Direction { get; init; }

    /// <summary>Name or address of the side that is dialled under <see cref="Direction"/>.</summary>
    public required string Host { get; init; }

    public required int Port { get; init; }

    /// <summary>Which node this host is; null when it is neither: then it dials.</summary>
    public NodeRole? LocalRole { get; init; }

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

    public string EndPoint => new DialTarget(Host, Port, Pins).EndPoint;
}
