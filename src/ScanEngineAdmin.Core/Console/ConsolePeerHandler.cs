using System.Globalization;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Scanning.Connect;

namespace ScanEngineAdmin.Core.Console;

/// <summary>What an engine may ask of the console over its channel: polls, and the stream of scan data.</summary>
internal sealed class ConsolePeerHandler(ConsoleContext node, EngineLink link) : IPeerHandler
{
    /// <summary>
    /// An engine polls every second at most; one that polls faster hears the last answer and costs no store.
    /// </summary>
    private static readonly TimeSpan PollSpacing = TimeSpan.FromMilliseconds(50);

    /// <summary>Each costs a write to the store: an honest engine has a few in a minute.</summary>
    private const int NoticesPerSecond = 50;

    private readonly object _gate = new();
    private readonly RateBucket _notices = new(NoticesPerSecond, node.Time);
    private readonly OneStream _scanData = new();
    private readonly LargeRequest _large = new();
    private readonly PeerCertificates _certificates = new(
        NodeRole.Engine, link.PairingId, node.Certificate, node.Peers, node.Store, node.Time);
    private long? _polled;
    private PollReply? _lastReply;

    public async ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
        PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        try
        {
            return await AnswerAsync(channel, method, body, cancellationToken).ConfigureAwait(false);
        }
        catch (ScanEngineException exception)
        {
            throw Told(exception);
        }
    }

    public async Task OnStreamAsync(PeerChannel channel, ChannelStream stream, CancellationToken cancellationToken)
    {
        switch (stream.Kind)
        {
            case Methods.ScanDataStream:
                await _scanData.RunAsync(stream, token => ReceiveAsync(stream, token), cancellationToken)
                    .ConfigureAwait(false);
                break;
            case Methods.LargeRequestStream:
                await _large.AnswerAsync(this, channel, stream, cancellationToken).ConfigureAwait(false);
                break;
            default:
                stream.Reset(
                    (int)RequestCode.UnknownMethod,
                    string.Create(CultureInfo.InvariantCulture, $"No stream kind {stream.Kind}."));
                break;
        }
    }

    /// <summary>What this store does not take is not acknowledged; the engine keeps it and comes again.</summary>
    private async Task ReceiveAsync(ChannelStream stream, CancellationToken cancellationToken)
    {
        try
        {
            await ScanDataReceiver.RunAsync(node, link, stream, cancellationToken).ConfigureAwait(false);
        }
        catch (ScanEngineException exception)
        {
            PeerRequestException told = Told(exception);
            stream.Reset(told.Code, told.Message);
        }
    }

    private PeerRequestException Told(ScanEngineException fault)
    {
        node.LogPeer(link.PairingId, LogLevel.Warning, "StoreFault", fault.Message);
        return HandlerFault.Of(fault);
    }

    private async Task<byte[]> AnswerAsync(
        PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        return method switch
        {
            Methods.Poll => WireJson.Write(Poll(channel, WireJson.Read<PollRequest>(body))),
            Methods.ScanHeld => Held(WireJson.Read<ScanHeld>(body)),
            Methods.ConsoleReachability => WireJson.Write(await node.Reachability
                .ReportAsync(WireJson.Read<ReachabilityAsk>(body), channel, cancellationToken).ConfigureAwait(false)),
            Methods.ProbeYou => WireJson.Write(await EngineProbe
                .RunAsync(node, link.PairingId, channel, WireJson.Read<ProbeYouAsk>(body), cancellationToken)
                .ConfigureAwait(false)),
            Methods.CertificateNonce => WireJson.Write(_certificates.Nonce(channel)),
            Methods.CertificateAnnounce => Announce(channel, WireJson.Read<CertificateAnnounce>(body)),
            Methods.CertificateSettle => await SettleAsync(channel).ConfigureAwait(false),
            _ => throw new PeerRequestException((int)RequestCode.UnknownMethod, $"A console has no method {method}."),
        };
    }

    private byte[] Held(ScanHeld held)
    {
        if (!_notices.TryTake())
        {
            throw new PeerRequestException((int)RequestCode.Busy, $"More than {NoticesPerSecond} notices a second.");
        }

        link.Scans.Held(held);
        return WireJson.Write(new Done());
    }

    private byte[] Announce(PeerChannel channel, CertificateAnnounce announce)
    {
        _certificates.Announce(channel, announce);
        return WireJson.Write(new Done());
    }

    private async Task<byte[]> SettleAsync(PeerChannel channel)
    {
        await _certificates.SettleAsync(channel).ConfigureAwait(false);
        return WireJson.Write(new Done());
    }

    private PollReply Poll(PeerChannel channel, PollRequest poll)
    {
        lock (_gate)
        {
            if (_polled is { } last && _lastReply is not null && node.Time.GetElapsedTime(last) < PollSpacing)
            {
                return _lastReply with { ProposalTaken = false };
            }

            _polled = node.Time.GetTimestamp();
            return _lastReply = Answer(channel, poll);
        }
    }

    private PollReply Answer(PeerChannel channel, PollRequest poll)
    {
        TimeSpan interval = TimeSpan.FromSeconds(Math.Clamp(poll.IntervalSeconds, 1, 86400));
        link.Contact.RecordRoundTrip(channel, "polls", node.Steady + interval);
        bool taken = poll.Proposal is { } proposal && link.TakeProposal(proposal);
        bool work = node.Store.ListScans(link.PairingId, unfinishedOnly: true).Count > 0
            || node.Store.ListChanges(link.PairingId, openOnly: true).Count > 0;
        if (work)
        {
            link.Wake();
        }

        return new PollReply { Work = work, ProposalTaken = taken };
    }
}
