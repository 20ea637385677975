using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Directions;
using Queues = System.Threading.Channels.Channel;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>
/// The pair's engine, played, in the middle of a change: it opens the new way beside the old one, and does not
/// acknowledge the outcome until the test says so. It tells over which channel the console reconciles.
/// </summary>
internal sealed class TwoWayEngine : IPeerHandler, IAsyncDisposable
{
    private readonly NodePair _pair;
    private readonly ChannelRuntime _runtime = new(ChannelOptions.Default);
    private readonly NodeIdentity _identity;
    private readonly Guid _id;
    private readonly System.Threading.Channels.Channel<PeerChannel> _reconciled =
        Queues.CreateUnbounded<PeerChannel>();

    private readonly TaskCompletionSource _acknowledge = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ChannelListener _listener;
    private Task _opening = Task.CompletedTask;
    private Guid? _change;

    private TwoWayEngine(NodePair pair)
    {
        _pair = pair;
        (_id, _identity) = IdentityFile.LoadOrCreate(pair.EngineFolder.Engine, TimeProvider.System);
        _listener = ChannelListener.Start(
            new IPEndPoint(pair.EngineOptions.Listen.Address, 0),
            _identity,
            _runtime,
            (peer, token) => peer.WelcomeAsync(Hello(), this, token));
        pair.StandIn = _listener.EndPoint;
    }

    public static async Task<TwoWayEngine> StartAsync(NodePair pair, CommunicationDirection way)
    {
        var engine = new TwoWayEngine(pair);
        if (way == CommunicationDirection.EngineToConsole)
        {
            await engine.DialAsync();
        }

        return engine;
    }

    /// <summary>The channel over which the console reconciles next.</summary>
    public Task<PeerChannel> ReconciledAsync() =>
        _reconciled.Reader.ReadAsync().AsTask().WaitAsync(NodePair.Patience);

    /// <summary>From now on it acknowledges what the console has decided.</summary>
    public void Acknowledge() => _acknowledge.TrySetResult();

    public async ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
        PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        switch (method)
        {
            case Methods.ScanSync:
                _reconciled.Writer.TryWrite(channel);
                return WireJson.Write(new ScanSyncReply { Missing = [] });
            case Methods.DirectionPrepare:
                DirectionPrepare prepare = WireJson.Read<DirectionPrepare>(body);
                _change = prepare.ChangeId;
                bool dials = prepare.To == CommunicationDirection.EngineToConsole;
                _opening = dials ? DialAsync() : Task.CompletedTask;
                return WireJson.Write(
                    new DirectionPrepared { ListenPort = dials ? null : _listener.EndPoint.Port });
            case Methods.DirectionOutcome:
                await _acknowledge.Task.WaitAsync(cancellationToken);
                break;
        }

        return WireJson.Write(new Done());
    }

    public Task OnStreamAsync(PeerChannel channel, ChannelStream stream, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        Acknowledge();
        await _opening.WaitAsync(NodePair.Patience);
        await _listener.DisposeAsync();
        _identity.Dispose();
        _runtime.Dispose();
    }

    private Task<PeerChannel> DialAsync() => new ChannelDialer(_identity, _runtime).OpenChannelAsync(
        new DialTarget(_pair.ToConsole.Host, _pair.ToConsole.EndPoint.Port, _pair.AtEngine.Pins.ToList()),
        Hello(),
        this,
        CancellationToken.None);

    private PeerHello Hello() => new()
    {
        Role = NodeRole.Engine,
        NodeId = _id,
        Name = NodePair.Name,
        Product = "1.0",
        BootId = Guid.NewGuid(),
        Properties = new HelloFacts
        {
            PairingId = _pair.PairingId,
            Direction = _pair.AtEngine.Direction,
            Epoch = _pair.AtEngine.Epoch,
            ChangeId = _change,
        }.ToProperties(),
    };
}
