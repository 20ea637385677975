using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Core.Tests.Pairing;

/// <summary>Peers that a ledger hears of, each with a key of one digit.</summary>
internal static class Peers
{
    public static Fingerprint Key(char digit) => Fingerprint.Parse(new string(digit, 64));

    public static PairedPeer Peer(NodeRole role, char key) => new()
    {
        PairingId = Guid.NewGuid(),
        Epoch = 0,
        PeerRole = role,
        PeerNodeId = Guid.NewGuid(),
        PeerName = "peer",
        PeerFingerprint = Key(key),
        EngineName = "lab",
        Direction = CommunicationDirection.EngineToConsole,
        Product = "1",
    };
}
