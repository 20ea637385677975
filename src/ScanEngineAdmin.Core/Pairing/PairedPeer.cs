using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Core.Pairing;

/// <summary>
/// The other node of a pairing, as the exchange showed it: by secret, or so far only asking for approval.
/// </summary>
internal sealed record PairedPeer
{
    public required Guid PairingId { get; init; }

    public required long Epoch { get; init; }

    public required NodeRole PeerRole { get; init; }

    public required Guid PeerNodeId { get; init; }

    public required string PeerName { get; init; }

    /// <summary>Proved by TLS.</summary>
    public required Fingerprint PeerFingerprint { get; init; }

    public required string EngineName { get; init; }

    public required CommunicationDirection Direction { get; init; }

    public required string Product { get; init; }

    /// <summary>Its address as this host sees it.</summary>
    public IPAddress? ObservedAddress { get; init; }

    /// <summary>Where this side dialled it; null where the peer dialled.</summary>
    public string? DialledAddress { get; init; }

    public int? DialledPort { get; init; }

    /// <summary>
    /// An admin on this side vouches for this very key: by a secret bound to this engine's name, or by using a secret,
    /// which names the key. Only such a pairing may give a known node a new key.
    /// </summary>
    public bool Repair { get; init; }

    /// <summary>
    /// It holds a secret of this side, or made the one used here. It need not make way for who only claimed its name.
    /// </summary>
    public bool Proved { get; init; }

    /// <summary>The secret of this side that it proved; null where the peer made it, or there is none.</summary>
    public Guid? SecretId { get; init; }

    /// <summary>It had paired by this secret already, and did so again.</summary>
    public bool Repeats { get; init; }

    /// <summary>Of an approval: the peer's admin has confirmed this node's identity.</summary>
    public bool ConfirmedByPeer { get; init; }
}
