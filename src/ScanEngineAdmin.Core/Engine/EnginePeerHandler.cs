using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.NodeProcess;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>What a console may ask of the engine over its channel.</summary>
internal sealed class EnginePeerHandler(
    EngineContext node, ConsoleLink session, EngineDirection direction, EngineCertificates peers) : NodePeerHandler(
        node,
        session.PairingId,
        new PeerCertificates(NodeRole.Console, session.PairingId, node.Certificate, peers, node.Store, node.Time))
{
    protected override int? PeerPort => node.Store.GetConsole(session.PairingId)?.Port;

    protected override async ValueTask<byte[]> AnswerAsync(
        PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        switch (method)
        {
            case Methods.ScanStart:
                await node.Scans.StartAsync(session.PairingId, WireJson.Read<ScanStart>(body)).ConfigureAwait(false);
                return Done;
            case Methods.ScanStop:
                node.Scans.Stop(session.PairingId, WireJson.Read<ScanStop>(body));
                return Done;
            case Methods.ScanSync:
                ScanSync sync = WireJson.Read<ScanSync>(body);
                long turn = session.BeginReconciling();
                var reply = new ScanSyncReply
                {
                    Missing = await node.Scans
                        .SyncAsync(session.PairingId, sync, () => session.IsOvertaken(turn)).ConfigureAwait(false),
                };
                await session.UploadOverAsync(channel, turn).ConfigureAwait(false);
                return WireJson.Write(reply);
            case Methods.LeaseClock:
                WireJson.Read<LeaseClockAsk>(body);
                return WireJson.Write(
                    new LeaseClockTime { NowMs = (long)node.Scans.Runs.Leases.Now.TotalMilliseconds });
            case Methods.DirectionPrepare:
                return WireJson.Write(await direction
                    .PrepareAsync(session.PairingId, WireJson.Read<DirectionPrepare>(body), cancellationToken)
                    .ConfigureAwait(false));
            case Methods.DirectionOutcome:
                direction.Conclude(session.PairingId, WireJson.Read<DirectionOutcome>(body));
                return Done;
            case Methods.EngineFirewall:
                WireJson.Read<HostFirewallAsk>(body);
                return WireJson.Write(await node.Reachability.FirewallAsync(
                    session.PairingId,
                    channel.Peer.Remote.Address,
                    PeerPort ?? WellKnownPorts.Console,
                    cancellationToken).ConfigureAwait(false));
            default:
                throw new PeerRequestException((int)RequestCode.UnknownMethod, $"An engine has no method {method}.");
        }
    }

    protected override Task<DiallerView> ProbeAsync(
        PeerChannel channel, ProbeYouAsk ask, CancellationToken cancellationToken) =>
        ConsoleProbe.RunAsync(node, session.PairingId, channel, ask, cancellationToken);
}
