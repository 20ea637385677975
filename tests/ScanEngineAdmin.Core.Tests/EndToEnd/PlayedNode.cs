using System.Collections.Concurrent;
using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Messages;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>
/// One of a pair's nodes, played with its real identity: what that never does of its own accord. It takes the place of
/// the real one, which must have been stopped.
/// </summary>
internal abstract class PlayedNode : IPeerHandler, IAsyncDisposable
{
    private readonly ChannelRuntime _runtime = new(NodePair.Patient);
    private readonly NodeRole _role;
    private readonly NodeIdentity _identity;
    private readonly Guid _id;
    private readonly ConcurrentQueue<PeerChannel> _accepted = new();
    private ChannelListener? _listener;

    protected PlayedNode(NodePair pair, NodeRole role)
    {
        Pair = pair;
        _role = role;
        (_id, _identity) = IdentityFile.LoadOrCreate(
            role == NodeRole.Console ? pair.ConsoleFolder.Console : pair.EngineFolder.Engine, TimeProvider.System);
    }

    protected NodePair Pair { get; }

    protected virtual string Product => "1.0";

    /// <summary>What it says of itself in every channel's hello.</summary>
    protected virtual HelloFacts Facts => _role == NodeRole.Console
        ? new()
        {
            PairingId = Pair.PairingId,
            Direction = Pair.AtConsole.Direction,
            Epoch = Pair.AtConsole.Epoch,
        }
        : new()
        {
            PairingId = Pair.PairingId,
            Direction = Pair.AtEngine.Direction,
            Epoch = Pair.AtEngine.Epoch,
        };

    /// <summary>The same, as it goes into the hello.</summary>
    protected virtual IReadOnlyDictionary<string, string> Properties => Facts.ToProperties();

    public abstract ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
        PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken);

    public virtual Task OnStreamAsync(
        PeerChannel channel, ChannelStream stream, CancellationToken cancellationToken) => Task.CompletedTask;

    public virtual async ValueTask DisposeAsync()
    {
        if (_listener is not null)
        {
            await _listener.DisposeAsync();
        }

        // One that the real node opened beside those of the test would keep that node for itself.
        foreach (PeerChannel channel in _accepted)
        {
            await channel.DisposeAsync();
        }

        _identity.Dispose();
        _runtime.Dispose();
    }

    /// <summary>Listens where its side does, and gives every channel that is opened to the test.</summary>
    protected IPEndPoint Listen(Action<PeerChannel>? opened = null)
    {
        IPEndPoint real = _role == NodeRole.Console ? Pair.ConsoleOptions.Listen : Pair.EngineOptions.Listen;
        _listener = ChannelListener.Start(
            new IPEndPoint(real.Address, 0),
            _identity,
            _runtime,
            async (peer, token) =>
            {
                PeerChannel channel = await peer.WelcomeAsync(Hello(), this, token);
                _accepted.Enqueue(channel);
                opened?.Invoke(channel);
            });
        return _listener.EndPoint;
    }

    protected Task<PeerChannel> DialAsync() => new ChannelDialer(_identity, _runtime).OpenChannelAsync(
        _role == NodeRole.Console
            ? new DialTarget(Pair.ToEngine.Host, Pair.ToEngine.EndPoint.Port, Pair.AtConsole.Pins.ToList())
            : new DialTarget(Pair.ToConsole.Host, Pair.ToConsole.EndPoint.Port, Pair.AtEngine.Pins.ToList()),
        Hello(),
        this,
        CancellationToken.None);

    private PeerHello Hello() => new()
    {
        Role = _role,
        NodeId = _id,
        Name = NodePair.Name,
        Product = Product,
        BootId = Guid.NewGuid(),
        Properties = Properties,
    };
}
