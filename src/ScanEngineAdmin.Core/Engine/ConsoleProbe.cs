using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>A console asks to be dialled: at the addresses by which this engine knows it, and nowhere else.</summary>
internal static class ConsoleProbe
{
    public static async Task<DiallerView> RunAsync(
        EngineContext node, Guid pairingId, PeerChannel channel, ProbeYouAsk ask, CancellationToken cancellationToken)
    {
        ConsoleRecord console = node.Store.GetConsole(pairingId)
            ?? throw new PeerRequestException((int)RequestCode.ProbeRefused, "The pairing has ended.");
        string?[] known =
        [
            console.Address, console.ChangeAddress, console.ObservedAddress,
            ObservedAddress.Text(channel.Peer.Remote.Address),
        ];
        return await node.Reachability.ProbeAsync(
            pairingId,
            ask,
            new FirewallTestRequest
            {
                EngineName = console.EngineName,
                Direction = CommunicationDirection.EngineToConsole,
                Host = string.Empty,
                Port = console.Port,
                LocalRole = NodeRole.Engine,
                Identity = node.Certificate.ForDial(pairingId)[0],
                NodeId = node.NodeId,
                Proxy = node.Proxy,
                NodeName = console.EngineName,
                Pins = [.. console.Pins],
            },
            [.. known.OfType<string>()],
            cancellationToken).ConfigureAwait(false);
    }
}
