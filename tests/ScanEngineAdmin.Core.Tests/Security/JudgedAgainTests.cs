using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Core.Tests.Nodes;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Stores;
using Queues = System.Threading.Channels.Channel;

namespace ScanEngineAdmin.Core.Tests.Security;

/// <summary>
/// A peer that is thrown out between the verdict that lets it in and the moment its channel is there to be closed:
/// nobody rings, and the node does not look by itself, so only its being judged once more can end that channel.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class JudgedAgainTests
{
    private static readonly TimeSpan NeverByItself = TimeSpan.FromHours(1);

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task An_engine_that_loses_its_place_while_it_is_let_in_is_closed(CommunicationDirection way)
    {
        using NodeIdentity other = NodeIdentity.Create(Guid.NewGuid(), TimeProvider.System);

        // Not Revoked: that is the end of a pairing, and this one goes on with another key.
        Assert.Equal(RefusalCode.Unspecified, await EngineHearsAsync(way, pair => pair.Console.Store.UpdateEngine(
            pair.PairingId, engine => engine with { Pins = [other.Fingerprint] })));
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task An_engine_that_is_unregistered_while_it_is_let_in_is_told_so(CommunicationDirection way) =>
        Assert.Equal(RefusalCode.Revoked, await EngineHearsAsync(
            way, pair => Assert.True(pair.Console.Store.RemoveEngine(pair.PairingId))));

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_console_that_is_denied_while_it_is_let_in_is_closed(CommunicationDirection way) =>
        Assert.Equal(RefusalCode.Denied, await ConsoleHearsAsync(way, pair => pair.Engine.Store.UpdateConsole(
            pair.PairingId, console => console with { State = ConsoleState.Denied })));

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_console_whose_pairing_is_replaced_while_it_is_let_in_is_told_so(CommunicationDirection way) =>
        Assert.Equal(RefusalCode.Revoked, await ConsoleHearsAsync(
            way, pair => Assert.True(pair.Engine.Store.RemoveConsole(pair.PairingId))));

    private static async Task<RefusalCode?> EngineHearsAsync(CommunicationDirection way, Action<NodePair> revoke)
    {
        await using NodePair pair = await StartAsync(way);
        await pair.StopEngineAsync();
        await pair.StopConsoleAsync();
        var stores = new WatchedStores();
        pair.NodeStores = stores;

        // What follows from the verdict on the peer that dials, and not what the node does beside it.
        var verdict = new AsyncLocal<bool>();

        ChannelException ended = await ThrownOutAsync(
            pair,
            way,
            NodeRole.Console,
            thrownOut => stores.OnConsole = (member, _) =>
            {
                // The verdict has read its record when it asks for anything else.
                if (member == nameof(IConsoleStore.FindEngine))
                {
                    verdict.Value = true;
                }
                else if (verdict.Value)
                {
                    thrownOut();
                }
            },
            () => revoke(pair));
        return ended.Refusal?.Code;
    }

    private static async Task<RefusalCode?> ConsoleHearsAsync(CommunicationDirection way, Action<NodePair> revoke)
    {
        await using NodePair pair = await StartAsync(way);
        await pair.StopConsoleAsync();
        await pair.StopEngineAsync();
        var stores = new WatchedStores();
        pair.NodeStores = stores;

        ChannelException ended = await ThrownOutAsync(
            pair,
            way,
            NodeRole.Engine,
            thrownOut => stores.OnEngine = (member, given) =>
            {
                // The verdict asks for this last.
                if (member == nameof(INodeStore.GetSetting)
                    && given[0] is string key && key.StartsWith("generation.", StringComparison.Ordinal))
                {
                    thrownOut();
                }
            },
            () => revoke(pair));
        return ended.Refusal?.Code;
    }

    private static Task<NodePair> StartAsync(CommunicationDirection way) => NodePair.ActiveAsync(
        way,
        console => console with { StoreCheck = NeverByItself, Linger = NeverByItself },
        engine => engine with { StoreCheck = NeverByItself });

    /// <summary>How the channel ends that the played peer has to a node of the other role.</summary>
    /// <param name="pair">Both of its nodes are stopped.</param>
    /// <param name="way">Who dials.</param>
    /// <param name="node">The role of the node that is real.</param>
    /// <param name="watch">Has its store do something when the verdict on a peer that dials is made.</param>
    /// <param name="revoke">Throws the played peer out, in the store and nowhere else.</param>
    private static async Task<ChannelException> ThrownOutAsync(
        NodePair pair,
        CommunicationDirection way,
        NodeRole node,
        Action<Action> watch,
        Action revoke)
    {
        bool console = node == NodeRole.Console;
        (Guid id, NodeIdentity identity) = IdentityFile.LoadOrCreate(
            console ? pair.EngineFolder.Engine : pair.ConsoleFolder.Console, TimeProvider.System);
        using NodeIdentity own = identity;
        using var runtime = new ChannelRuntime(NodePair.Patient);
        var handler = new Silent();
        PeerHello hello = PlayedPeer.Hello(pair, way, console ? NodeRole.Engine : NodeRole.Console, id);
        bool nodeDials = console == (way == CommunicationDirection.ConsoleToEngine);
        if (nodeDials)
        {
            // It has chosen whom it trusts when it dialled; the played peer lets it wait for its welcome meanwhile.
            var came = Queues.CreateUnbounded<PeerChannel>();
            int dialled = 0;
            await using ChannelListener listener = ChannelListener.Start(
                new IPEndPoint(console ? pair.EngineOptions.Listen.Address : pair.ConsoleOptions.Listen.Address, 0),
                identity,
                runtime,
                async (peer, token) =>
                {
                    if (Interlocked.Increment(ref dialled) == 1)
                    {
                        revoke();
                    }

                    came.Writer.TryWrite(await peer.WelcomeAsync(hello, handler, token));
                });
            pair.StandIn = listener.EndPoint;
            await (console ? pair.StartConsoleAsync() : pair.StartEngineAsync());
            return await EndAsync(await came.Reader.ReadAsync().AsTask().WaitAsync(NodePair.Patience));
        }

        await (console ? pair.StartConsoleAsync() : pair.StartEngineAsync());
        int revoked = 0;
        watch(() =>
        {
            if (Interlocked.Exchange(ref revoked, 1) == 0)
            {
                revoke();
            }
        });
        IPEndPoint at = console ? pair.ConsoleNode!.EndPoint : pair.EngineNode!.EndPoint!;
        var target = new DialTarget(
            $"{at.Address}", at.Port, console ? [.. pair.AtEngine.Pins] : [.. pair.AtConsole.Pins]);
        return await EndAsync(await new ChannelDialer(identity, runtime)
            .OpenChannelAsync(target, hello, handler, CancellationToken.None).WaitAsync(NodePair.Patience));
    }

    private static async Task<ChannelException> EndAsync(PeerChannel channel)
    {
        await channel.Completion.WaitAsync(NodePair.Patience);
        return channel.Fault!;
    }

    private sealed class Silent : IPeerHandler
    {
        public ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
            PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
            new(new byte[2]);

        public Task OnStreamAsync(PeerChannel channel, ChannelStream stream, CancellationToken cancellationToken) =>
            Task.CompletedTask;
    }
}
