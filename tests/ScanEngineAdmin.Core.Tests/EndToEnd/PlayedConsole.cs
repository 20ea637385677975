using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Scans;
using Queues = System.Threading.Channels.Channel;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>
/// The pair's console, played: it has one channel after the other to the real engine, asks over them what the test
/// says, and takes what comes. It takes the place of the real one, which must have been stopped.
/// </summary>
internal sealed class PlayedConsole : IPeerHandler, IAsyncDisposable
{
    private readonly NodePair _pair;
    private readonly ChannelRuntime _runtime = new(ChannelOptions.Default);
    private readonly NodeIdentity _identity;
    private readonly Guid _id;
    private readonly System.Threading.Channels.Channel<PeerChannel> _polled =
        Queues.CreateUnbounded<PeerChannel>();

    private readonly System.Threading.Channels.Channel<ScanDataMessage> _data =
        Queues.CreateUnbounded<ScanDataMessage>();

    private ChannelListener? _listener;

    private PlayedConsole(NodePair pair)
    {
        _pair = pair;
        (_id, _identity) = IdentityFile.LoadOrCreate(pair.ConsoleFolder.Console, TimeProvider.System);
    }

    public static PlayedConsole Start(NodePair pair, CommunicationDirection way)
    {
        var console = new PlayedConsole(pair);
        if (way == CommunicationDirection.EngineToConsole)
        {
            console._listener = ChannelListener.Start(
                new IPEndPoint(pair.ConsoleOptions.Listen.Address, 0),
                console._identity,
                console._runtime,
                async (peer, token) => console._polled.Writer.TryWrite(
                    await peer.WelcomeAsync(console.Hello(), console, token)));
            pair.StandIn = console._listener.EndPoint;
        }

        return console;
    }

    /// <summary>Dials, or waits until the engine has dialled.</summary>
    public async Task<PeerChannel> OpenAsync() => _listener is not null
        ? await _polled.Reader.ReadAsync().AsTask().WaitAsync(NodePair.Patience)
        : await new ChannelDialer(_identity, _runtime).OpenChannelAsync(
            new DialTarget(_pair.ToEngine.Host, _pair.ToEngine.EndPoint.Port, _pair.AtConsole.Pins.ToList()),
            Hello(),
            this,
            CancellationToken.None);

    /// <summary>The next scan data, over whatever channel.</summary>
    public Task<ScanDataMessage> TakeAsync() => _data.Reader.ReadAsync().AsTask().WaitAsync(NodePair.Patience);

    public ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
        PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        new(method == Methods.Poll
            ? WireJson.Write(new PollReply { Work = true, ProposalTaken = false })
            : WireJson.Write(new Done()));

    public async Task OnStreamAsync(PeerChannel channel, ChannelStream stream, CancellationToken cancellationToken)
    {
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
    }

    public async ValueTask DisposeAsync()
    {
        if (_listener is not null)
        {
            await _listener.DisposeAsync();
        }

        _identity.Dispose();
        _runtime.Dispose();
    }

    private PeerHello Hello() => new()
    {
        Role = NodeRole.Console,
        NodeId = _id,
        Name = "played",
        Product = "1.0",
        BootId = Guid.NewGuid(),
        Properties = new HelloFacts
        {
            PairingId = _pair.PairingId,
            Direction = _pair.AtConsole.Direction,
            Epoch = _pair.AtConsole.Epoch,
        }.ToProperties(),
    };
}
