using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>One of a pair's nodes, played by a test where the node itself is stopped.</summary>
internal static class PlayedPeer
{
    /// <summary>As the node itself would say it after the pair's last change of direction.</summary>
    public static PeerHello Hello(
        NodePair pair, CommunicationDirection way, NodeRole role, Guid id, bool probe = false) => new()
        {
            Role = role,
            NodeId = id,
            Name = NodePair.Name,
            BootId = Guid.NewGuid(),
            Properties = new HelloFacts
            {
                PairingId = pair.PairingId,
                Direction = way,
                Epoch = pair.AtEngine.Epoch,
                Probe = probe,
            }.ToProperties(),
        };
}
