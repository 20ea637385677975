using System.Globalization;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Core.NodeProcess;

/// <summary>Answers the requests and streams that both kinds of node take alike from a peer.</summary>
internal abstract class NodePeerHandler(
    NodeContext node, Guid pairingId, PeerCertificates certificates) : IPeerHandler
{
    private readonly LargeRequest _large = new();
    private readonly ushort _reachability = node.Role == NodeRole.Console
        ? Methods.ConsoleReachability
        : Methods.EngineReachability;

    /// <summary>The port that this pairing has on the peer's host.</summary>
    protected abstract int? PeerPort { get; }

    protected static byte[] Done { get; } = WireJson.Write(new Done());

    public async ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
        PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        try
        {
            return method switch
            {
                _ when method == _reachability => WireJson.Write(await node.Reachability
                    .ReportAsync(WireJson.Read<ReachabilityAsk>(body), channel, cancellationToken, pairingId, PeerPort)
                    .ConfigureAwait(false)),
                Methods.ProbeYou => WireJson.Write(
                    await ProbeAsync(channel, WireJson.Read<ProbeYouAsk>(body), cancellationToken)
                        .ConfigureAwait(false)),
                Methods.CertificateNonce => WireJson.Write(certificates.Nonce(channel)),
                Methods.CertificateAnnounce => Announce(channel, WireJson.Read<CertificateAnnounce>(body)),
                Methods.CertificateSettle => await SettleAsync(channel).ConfigureAwait(false),
                _ => await AnswerAsync(channel, method, body, cancellationToken).ConfigureAwait(false),
            };
        }
        catch (ScanEngineException exception)
        {
            throw Refused(exception);
        }
    }

    /// <summary>Scan data that the store does not take is not acknowledged: the engine keeps it and comes again.</summary>
    public async Task OnStreamAsync(PeerChannel channel, ChannelStream stream, CancellationToken cancellationToken)
    {
        try
        {
            await (stream.Kind == Methods.LargeRequestStream
                ? _large.AnswerAsync(this, channel, stream, cancellationToken)
                : TakeStreamAsync(stream, cancellationToken)).ConfigureAwait(false);
        }
        catch (ScanEngineException exception)
        {
            PeerRequestException refused = Refused(exception);
            stream.Reset(refused.Code, refused.Message);
        }
    }

    /// <summary>What only this kind of node answers.</summary>
    protected abstract ValueTask<byte[]> AnswerAsync(
        PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken);

    /// <summary>Dials the peer because it asks for that.</summary>
    protected abstract Task<DiallerView> ProbeAsync(
        PeerChannel channel, ProbeYouAsk ask, CancellationToken cancellationToken);

    /// <summary>What only this kind of node takes.</summary>
    protected virtual Task TakeStreamAsync(ChannelStream stream, CancellationToken cancellationToken)
    {
        stream.Reset(
            (int)RequestCode.UnknownMethod,
            string.Create(CultureInfo.InvariantCulture, $"No stream kind {stream.Kind}."));
        return Task.CompletedTask;
    }

    private PeerRequestException Refused(ScanEngineException fault)
    {
        node.LogPeer(pairingId, LogLevel.Warning, Events.StoreFault, fault.Message);
        return HandlerFault.Of(fault);
    }

    private byte[] Announce(PeerChannel channel, CertificateAnnounce announce)
    {
        certificates.Announce(channel, announce);
        return Done;
    }

    private async Task<byte[]> SettleAsync(PeerChannel channel)
    {
        await certificates.SettleAsync(channel).ConfigureAwait(false);
        return Done;
    }
}
