using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.NodeProcess;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning;

namespace ScanEngineAdmin.Core.Console;

/// <summary>What an engine may ask of the console over its channel: polls, and the stream of scan data.</summary>
internal sealed class ConsolePeerHandler(ConsoleContext node, EngineLink link) : NodePeerHandler(
    node,
    link.PairingId,
    new PeerCertificates(NodeRole.Engine, link.PairingId, node.Certificate, node.Peers, node.Store, node.Time))
{
    /// <summary>
    /// An engine polls every second at most; one that polls faster hears the last answer and costs no store.
    /// </summary>
    private static readonly TimeSpan PollSpacing = TimeSpan.FromMilliseconds(50);

    /// <summary>Each costs a write to the store: an honest engine has a few in a minute.</summary>
    private const int NoticesPerSecond = 50;

    /// <summary>An honest poll has half of that; a longer one is read each time.</summary>
    private const int MaxKeptBody = 128;

    private static readonly PollReply NothingToDo = new() { Work = false, ProposalTaken = false };
    private static readonly byte[] NothingToDoWritten = WireJson.Write(NothingToDo);

    private readonly object _gate = new();
    private readonly RateBucket _notices = new(NoticesPerSecond, node.Time);
    private long? _polled;
    private PollReply? _lastReply;
    private PollRequest? _lastPoll;
    private byte[] _lastBody = [];
    private long? _idleAt;

    protected override int? PeerPort => node.Store.GetEngine(link.PairingId)?.Port;

    protected override ValueTask<byte[]> AnswerAsync(
        PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        new(method switch
        {
            Methods.Poll => Poll(channel, body),
            Methods.ScanHeld => Held(WireJson.Read<ScanHeld>(body)),
            _ => throw new PeerRequestException((int)RequestCode.UnknownMethod, $"A console has no method {method}."),
        });

    protected override Task<DiallerView> ProbeAsync(
        PeerChannel channel, ProbeYouAsk ask, CancellationToken cancellationToken) =>
        EngineProbe.RunAsync(node, link.PairingId, channel, ask, cancellationToken);

    protected override Task TakeStreamAsync(ChannelStream stream, CancellationToken cancellationToken) =>
        stream.Kind == Methods.ScanDataStream
            ? link.ScanData.RunAsync(
                stream, token => ScanDataReceiver.RunAsync(node, link, stream, token), cancellationToken)
            : base.TakeStreamAsync(stream, cancellationToken);

    private byte[] Held(ScanHeld held)
    {
        if (!_notices.TryTake())
        {
            throw new PeerRequestException((int)RequestCode.Busy, $"More than {NoticesPerSecond} notices a second.");
        }

        link.Scans.Held(held);
        return Done;
    }

    /// <summary>An engine at rest asks in the same words again and again: they are read once.</summary>
    private byte[] Poll(PeerChannel channel, ReadOnlyMemory<byte> body)
    {
        lock (_gate)
        {
            if (_lastPoll is not { } poll || !body.Span.SequenceEqual(_lastBody))
            {
                poll = WireJson.Read<PollRequest>(body);
                (_lastPoll, _lastBody) = body.Length <= MaxKeptBody ? (poll, body.ToArray()) : (null, []);
            }

            if (_polled is { } last && _lastReply is not null && node.Time.GetElapsedTime(last) < PollSpacing)
            {
                return Written(_lastReply with { ProposalTaken = false });
            }

            _polled = node.Time.GetTimestamp();
            return Written(_lastReply = Answer(channel, poll));
        }
    }

    private static byte[] Written(PollReply reply) => reply == NothingToDo ? NothingToDoWritten : WireJson.Write(reply);

    private PollReply Answer(PeerChannel channel, PollRequest poll)
    {
        TimeSpan interval = TimeSpan.FromSeconds(Math.Clamp(poll.IntervalSeconds, 1, 86400));
        link.Contact.RecordPoll(channel, interval);
        bool taken = poll.Proposal is { } proposal && link.TakeProposal(proposal);
        bool work = HasStoredWork() || node.Pools.HasWork(link.PairingId);
        if (work)
        {
            link.Wake();
        }

        return new PollReply { Work = work, ProposalTaken = taken };
    }

    /// <summary>Most polls of a fleet find a store in which nothing was written since the one before.</summary>
    private bool HasStoredWork()
    {
        long version = node.Store.VersionWithoutContacts;
        if (version == _idleAt)
        {
            return false;
        }

        bool work = node.Store.ListScans(link.PairingId, unfinishedOnly: true)
                .Any(scan => scan.State != ScanState.Suspended)
            || node.Store.ListChanges(link.PairingId, openOnly: true).Count > 0;
        _idleAt = work ? null : version;
        return work;
    }
}
