using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Core.Tests.Nodes;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Stores;
using Queues = System.Threading.Channels.Channel;

namespace ScanEngineAdmin.Core.Tests.Certificates;

/// <summary>
/// One of a pair's nodes, played, whose key is being replaced: the other node, which is real, lets both keys in until
/// the replacement is settled.
/// </summary>
internal sealed class RekeyedPeer : IPeerHandler, IAsyncDisposable
{
    private readonly ChannelRuntime _runtime = new(NodePair.Patient);
    private readonly NodePair _pair;
    private readonly bool _nodeDials;
    private readonly bool _isConsole;
    private readonly PeerHello _hello;
    private readonly WatchedStores _stores = new();
    private readonly Key _holds;
    private readonly Key _former;
    private int _settled;

    private RekeyedPeer(NodePair pair, CommunicationDirection way, NodeRole role)
    {
        _pair = pair;
        _isConsole = role == NodeRole.Console;
        _nodeDials = _isConsole == (way == CommunicationDirection.EngineToConsole);
        (Guid id, NodeIdentity own) = IdentityFile.LoadOrCreate(
            _isConsole ? pair.ConsoleFolder.Console : pair.EngineFolder.Engine, TimeProvider.System);
        _holds = new Key(own);
        _former = new Key(NodeIdentity.Create(id, TimeProvider.System));
        _hello = PlayedPeer.Hello(pair, way, role, id);
    }

    /// <summary>Both nodes have run and made a round trip; the one of that role is played from now on.</summary>
    public static async Task<RekeyedPeer> StartAsync(NodePair pair, CommunicationDirection way, NodeRole role)
    {
        await pair.StopEngineAsync();
        await pair.StopConsoleAsync();
        var peer = new RekeyedPeer(pair, way, role);
        pair.NodeStores = peer._stores;
        peer.Pin(peer._holds, peer._former);
        if (peer._nodeDials)
        {
            peer._holds.Listen(peer.ListenAt, peer._runtime, peer);
            peer._former.Listen(peer.ListenAt, peer._runtime, peer);
            pair.StandIn = peer._holds.EndPoint;
        }

        pair.Log.Clear();
        await (peer._isConsole ? pair.StartEngineAsync() : pair.StartConsoleAsync());
        return peer;
    }

    /// <summary>The next channel of the key that holds, whoever opens it.</summary>
    public Task<PeerChannel> OpenAsync() => _nodeDials ? _holds.TakeAsync() : DialAsync(_holds);

    /// <summary>
    /// A channel of the former key. The replacement is settled when the node has let that key in, and before the
    /// channel is one of the pairing's.
    /// </summary>
    public Task<PeerChannel> OpenLateAsync()
    {
        // What follows from the verdict on the channel, and not what the node does beside it.
        var verdict = new AsyncLocal<bool>();
        _former.Welcoming = Settle;
        _stores.OnConsole = (member, _) =>
        {
            // The verdict has read its record when it asks for anything else.
            if (!_nodeDials && member == nameof(IConsoleStore.FindEngine))
            {
                verdict.Value = true;
            }
            else if (verdict.Value)
            {
                Settle();
            }
        };
        _stores.OnEngine = (member, given) =>
        {
            // The verdict asks for this last.
            if (!_nodeDials && member == nameof(INodeStore.GetSetting)
                && given[0] is string key && key.StartsWith("generation.", StringComparison.Ordinal))
            {
                Settle();
            }
        };
        return OpenFormerAsync();
    }

    /// <summary>The same, but the channel has taken the other one's place by then. For an engine that is played.</summary>
    public Task<PeerChannel> OpenTooLateAsync()
    {
        _stores.OnConsole = (member, _) =>
        {
            if (member == nameof(IConsoleStore.GetEngine) && _pair.ConsoleNode?.Links.Find(_pair.PairingId) is { } link
                && link.Channels.Open.Any(channel => channel.Peer.Fingerprint == _former.Fingerprint))
            {
                // It may be dialled again from now on.
                _pair.StandIn = _nodeDials ? _holds.EndPoint : null;
                Settle();
            }
        };
        return OpenFormerAsync();
    }

    public ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
        PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        new(method switch
        {
            Methods.Poll => WireJson.Write(new PollReply { Work = true, ProposalTaken = false }),
            Methods.ScanSync => WireJson.Write(new ScanSyncReply { Missing = [] }),
            _ => WireJson.Write(new Done()),
        });

    public Task OnStreamAsync(PeerChannel channel, ChannelStream stream, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _holds.DisposeAsync();
        await _former.DisposeAsync();
        _runtime.Dispose();
    }

    private IPEndPoint ListenAt => new(
        (_isConsole ? _pair.ConsoleOptions.Listen : _pair.EngineOptions.Listen).Address, 0);

    private Task<PeerChannel> OpenFormerAsync()
    {
        if (!_nodeDials)
        {
            return DialAsync(_former);
        }

        _pair.StandIn = _former.EndPoint;
        if (_isConsole)
        {
            _pair.EngineNode!.Links.Redial(_pair.PairingId);
        }
        else
        {
            _pair.ConsoleNode!.Links.Find(_pair.PairingId)!.Redial();
        }

        return _former.TakeAsync();
    }

    private Task<PeerChannel> DialAsync(Key key)
    {
        IPEndPoint at = _isConsole ? _pair.EngineNode!.EndPoint! : _pair.ConsoleNode!.EndPoint;
        var target = new DialTarget(
            $"{at.Address}", at.Port, _isConsole ? [.. _pair.AtConsole.Pins] : [.. _pair.AtEngine.Pins]);
        return key.DialAsync(target, _runtime, _hello, this);
    }

    /// <summary>In the store and nowhere else: nobody rings.</summary>
    private void Settle()
    {
        if (Interlocked.Exchange(ref _settled, 1) == 0)
        {
            Pin(_holds);
        }
    }

    private void Pin(params Key[] keys)
    {
        Fingerprint[] pins = [.. keys.Select(key => key.Fingerprint)];
        if (_isConsole)
        {
            _pair.Engine.Store.UpdateConsole(_pair.PairingId, console => console with { Pins = pins });
        }
        else
        {
            _pair.Console.Store.UpdateEngine(_pair.PairingId, engine => engine with { Pins = pins });
        }
    }

    /// <summary>One of its keys, where the node can dial it.</summary>
    private sealed class Key(NodeIdentity identity) : IAsyncDisposable
    {
        private readonly System.Threading.Channels.Channel<PeerChannel> _came = Queues.CreateUnbounded<PeerChannel>();
        private ChannelListener? _listener;

        public Fingerprint Fingerprint => identity.Fingerprint;

        public IPEndPoint EndPoint => _listener!.EndPoint;

        public Action Welcoming { get; set; } = () => { };

        public void Listen(IPEndPoint at, ChannelRuntime runtime, RekeyedPeer peer) => _listener = ChannelListener.Start(
            at,
            identity,
            runtime,
            async (dialler, token) =>
            {
                Welcoming();
                _came.Writer.TryWrite(await dialler.WelcomeAsync(peer._hello, peer, token));
            });

        public Task<PeerChannel> TakeAsync() => _came.Reader.ReadAsync().AsTask().WaitAsync(NodePair.Patience);

        public Task<PeerChannel> DialAsync(
            DialTarget target, ChannelRuntime runtime, PeerHello hello, IPeerHandler handler) =>
            new ChannelDialer(identity, runtime).OpenChannelAsync(target, hello, handler, CancellationToken.None)
                .WaitAsync(NodePair.Patience);

        public async ValueTask DisposeAsync()
        {
            if (_listener is not null)
            {
                await _listener.DisposeAsync();
            }

            identity.Dispose();
        }
    }
}
