using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;

namespace ScanEngineAdmin.Core.Console;

/// <summary>An engine asks to be dialled: at the addresses by which this console knows it, and nowhere else.</summary>
internal static class EngineProbe
{
    public static async Task<DiallerView> RunAsync(
        ConsoleContext node, Guid pairingId, PeerChannel channel, ProbeYouAsk ask, CancellationToken cancellationToken)
    {
        EngineRecord engine = node.Store.GetEngine(pairingId)
            ?? throw new PeerRequestException((int)RequestCode.ProbeRefused, "The pairing has ended.");
        string?[] known = [engine.Address, engine.ObservedAddress, ObservedAddress.Text(channel.Peer.Remote.Address)];
        return await node.Reachability.ProbeAsync(
            pairingId,
            ask,
            new FirewallTestRequest
            {
                EngineName = engine.Name,
                Direction = CommunicationDirection.ConsoleToEngine,
                Host = string.Empty,
                Port = engine.Port,
                LocalRole = NodeRole.Console,
                Identity = node.Certificate.ForDial(pairingId)[0],
                NodeId = node.NodeId,
                Proxy = node.Proxy,
                NodeName = Environment.MachineName,
                Pins = [.. engine.Pins],
                HelloProperties = node.Hello(new HelloFacts()).Properties,
            },
            [.. known.OfType<string>()],
            cancellationToken).ConfigureAwait(false);
    }
}
