using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Pairing;

namespace ScanEngineAdmin.Core.Console;

/// <summary>The console's part in pairings: answers engines that dial to be paired.</summary>
internal static class ConsolePairing
{
    public static PairingSelf Self(ConsoleContext node, Fingerprint shown) => new(
        NodeRole.Console, node.NodeId, Environment.MachineName, ProductVersion.Text, shown);

    public static async Task AnswerAsync(
        ConsoleContext node, EngineLinks links, IncomingPeer peer, CancellationToken cancellationToken)
    {
        var acceptor = new PairingAcceptor(
            Self(node, peer.ShownFingerprint), node.Store, new ConsoleLedger(node.Store, node.Time), node.Time,
            node.SecretAttempts);
        PairingVerdict verdict = await acceptor
            .AcceptAsync(new AcceptedPairing(peer), cancellationToken).ConfigureAwait(false);
        node.PairingAnswered(verdict, peer);
        if (verdict is { Refused: null, Peer: { } known })
        {
            links.FindOrAdd(known.PairingId).Wake();
            links.Ring();
        }
    }
}
