using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Scans;
using Queues = System.Threading.Channels.Channel;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>
/// A console that has one channel after the other to the real engine, asks over them what the test says, and takes what
/// comes.
/// </summary>
internal sealed class PlayedConsole : PlayedNode
{
    private readonly System.Threading.Channels.Channel<PeerChannel> _polled =
        Queues.CreateUnbounded<PeerChannel>();

    private readonly System.Threading.Channels.Channel<ScanDataMessage> _data =
        Queues.CreateUnbounded<ScanDataMessage>();

    // Of each stream that has ended, how many were open still.
    private readonly System.Threading.Channels.Channel<int> _ended = Queues.CreateUnbounded<int>();

    /// <summary>What it does with a notice before it answers.</summary>
    public Func<ScanHeld, Task>? Noticed { get; set; }

    /// <summary>What it does with a stream instead of reading it.</summary>
    public Func<ChannelStream, CancellationToken, Task>? Streaming { get; set; }

    private readonly bool _listens;
    private readonly bool _knowsOrigins;
    private int _open;

    private PlayedConsole(NodePair pair, CommunicationDirection way, bool knowsOrigins)
        : base(pair, NodeRole.Console)
    {
        _knowsOrigins = knowsOrigins;
        _listens = way == CommunicationDirection.EngineToConsole;
        if (_listens)
        {
            pair.StandIn = Listen(channel => _polled.Writer.TryWrite(channel));
        }
    }

    protected override HelloFacts Facts => base.Facts with { FindingOrigins = _knowsOrigins };

    public static PlayedConsole Start(NodePair pair, CommunicationDirection way, bool knowsOrigins = true) =>
        new(pair, way, knowsOrigins);

    /// <summary>Dials, or waits until the engine has dialled.</summary>
    public async Task<PeerChannel> OpenAsync() => _listens
        ? await _polled.Reader.ReadAsync().AsTask().WaitAsync(NodePair.Patience)
        : await DialAsync();

    /// <summary>The next scan data, over whatever channel.</summary>
    public Task<ScanDataMessage> TakeAsync() => _data.Reader.ReadAsync().AsTask().WaitAsync(NodePair.Patience);

    /// <summary>The engine has ended its stream of scan data, and has no other.</summary>
    public async Task NoStreamAsync()
    {
        while (await _ended.Reader.ReadAsync().AsTask().WaitAsync(NodePair.Patience) > 0)
        {
        }
    }

    public override async ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
        PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        if (method == Methods.ScanHeld && Noticed is { } noticed)
        {
            await noticed(WireJson.Read<ScanHeld>(body));
        }

        return method == Methods.Poll
            ? WireJson.Write(new PollReply { Work = true, ProposalTaken = false })
            : WireJson.Write(new Done());
    }

    public override async Task OnStreamAsync(
        PeerChannel channel, ChannelStream stream, CancellationToken cancellationToken)
    {
        if (Streaming is { } streaming)
        {
            await streaming(stream, cancellationToken);
            return;
        }

        Interlocked.Increment(ref _open);
        var reader = new ScanDataReader(stream);
        while (await reader.ReadBatchAsync(cancellationToken) is { } message)
        {
            _data.Writer.TryWrite(message);
            await ScanDataWriter.WriteAcknowledgementAsync(
                stream,
                new BatchAcknowledgement(
                    message.ScanId, message.Attempt, message.Batch.Number, BatchOutcome.Stored),
                cancellationToken);
        }

        _ended.Writer.TryWrite(Interlocked.Decrement(ref _open));
    }
}
