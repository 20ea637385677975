using System.Globalization;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>What a console may ask of the engine over its channel.</summary>
internal sealed class EnginePeerHandler(
    EngineContext node, ConsoleLink session, EngineDirection direction, EngineCertificates peers) : IPeerHandler
{
    private static readonly byte[] Done = WireJson.Write(new Done());

    private readonly LargeRequest _large = new();
    private readonly PeerCertificates _certificates = new(
        NodeRole.Console, session.PairingId, node.Certificate, peers, node.Store, node.Time);

    public async ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
        PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        try
        {
            switch (method)
            {
                case Methods.ScanStart:
                    await node.Scans.StartAsync(session.PairingId, WireJson.Read<ScanStart>(body))
                        .ConfigureAwait(false);
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
                case Methods.DirectionPrepare:
                    return WireJson.Write(await direction
                        .PrepareAsync(session.PairingId, WireJson.Read<DirectionPrepare>(body), cancellationToken)
                        .ConfigureAwait(false));
                case Methods.DirectionOutcome:
                    direction.Conclude(session.PairingId, WireJson.Read<DirectionOutcome>(body));
                    return Done;
                case Methods.EngineReachability:
                    return WireJson.Write(await node.Reachability
                        .ReportAsync(WireJson.Read<ReachabilityAsk>(body), channel, cancellationToken)
                        .ConfigureAwait(false));
                case Methods.EngineFirewall:
                    WireJson.Read<HostFirewallAsk>(body);
                    return WireJson.Write(await node.Reachability.FirewallAsync(cancellationToken)
                        .ConfigureAwait(false));
                case Methods.ProbeYou:
                    return WireJson.Write(await ConsoleProbe
                        .RunAsync(
                            node, session.PairingId, channel, WireJson.Read<ProbeYouAsk>(body), cancellationToken)
                        .ConfigureAwait(false));
                case Methods.CertificateNonce:
                    return WireJson.Write(_certificates.Nonce(channel));
                case Methods.CertificateAnnounce:
                    _certificates.Announce(channel, WireJson.Read<CertificateAnnounce>(body));
                    return Done;
                case Methods.CertificateSettle:
                    await _certificates.SettleAsync(channel).ConfigureAwait(false);
                    return Done;
                default:
                    throw new PeerRequestException(
                        (int)RequestCode.UnknownMethod, $"An engine has no method {method}.");
            }
        }
        catch (ScanEngineException exception)
        {
            node.LogPeer(session.PairingId, LogLevel.Warning, "StoreFault", exception.Message);
            throw HandlerFault.Of(exception);
        }
    }

    public Task OnStreamAsync(PeerChannel channel, ChannelStream stream, CancellationToken cancellationToken)
    {
        if (stream.Kind == Methods.LargeRequestStream)
        {
            return _large.AnswerAsync(this, channel, stream, cancellationToken);
        }

        stream.Reset(
            (int)RequestCode.UnknownMethod,
            string.Create(CultureInfo.InvariantCulture, $"No stream kind {stream.Kind}."));
        return Task.CompletedTask;
    }
}
