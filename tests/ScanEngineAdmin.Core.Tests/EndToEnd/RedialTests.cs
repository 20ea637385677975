using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Directions;
using Queues = System.Threading.Channels.Channel;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>
/// A console that dials an engine once more, beside the channel that is open: the engine gives up the older channel for
/// the newer one, and the newer one does not come up.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class RedialTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_redial_that_fails_after_the_engine_gave_up_the_older_channel_is_made_good_at_once(bool olderFirst)
    {
        await using NodePair pair = await NodePair.ActiveAsync(
            CommunicationDirection.ConsoleToEngine,
            console => console with { ProbeInterval = TimeSpan.FromHours(1), Linger = TimeSpan.FromHours(1) });
        await pair.StopEngineAsync();
        await using var engine = new PickyEngine(pair);
        PeerChannel older = await engine.WelcomeAsync();
        await engine.ReconciledAsync();
        pair.Log.Clear();

        pair.ConsoleNode!.Links.Find(pair.PairingId)!.Redial();
        Arrival redial = await engine.ArrivalAsync();
        if (olderFirst)
        {
            await SupersedeAsync(older);
            await pair.LoggedAsync("ChannelClosed");
            redial.Answer(welcome: false);
            await pair.LoggedAsync("RedialFailed");
        }
        else
        {
            redial.Answer(welcome: false);
            await pair.LoggedAsync("RedialFailed");
            await SupersedeAsync(older);
        }

        await engine.WelcomeAsync();
        await engine.ReconciledAsync();
        Assert.DoesNotContain(pair.Log, entry => entry.Event == "DialFailed");
        Assert.DoesNotContain(pair.Console.Store.ListEvents(50), entry => entry.Event == "IdentityTwice");
    }

    private static Task SupersedeAsync(PeerChannel older) =>
        older.CloseAsync(RefusalCode.Superseded, "A newer connection of the same node took over.");

    /// <summary>A connection that waits for the test's answer.</summary>
    private sealed class Arrival
    {
        private readonly TaskCompletionSource<bool> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<PeerChannel> Channel { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<bool> Answered => _answer.Task.WaitAsync(NodePair.Patience);

        public void Answer(bool welcome) => _answer.SetResult(welcome);
    }

    /// <summary>The pair's engine, played: it lets in whom the test lets in.</summary>
    private sealed class PickyEngine : IPeerHandler, IAsyncDisposable
    {
        private readonly System.Threading.Channels.Channel<Arrival> _arrivals = Queues.CreateUnbounded<Arrival>();
        private readonly System.Threading.Channels.Channel<bool> _reconciled = Queues.CreateUnbounded<bool>();
        private readonly ChannelRuntime _runtime = new(NodePair.Patient);
        private readonly NodeIdentity _identity;
        private readonly ChannelListener _listener;
        private readonly PeerHello _hello;

        public PickyEngine(NodePair pair)
        {
            (Guid id, _identity) = IdentityFile.LoadOrCreate(pair.EngineFolder.Engine, TimeProvider.System);
            _hello = PlayedPeer.Hello(pair, CommunicationDirection.ConsoleToEngine, NodeRole.Engine, id) with
            {
                Product = "1.0",
            };
            _listener = ChannelListener.Start(
                new IPEndPoint(pair.EngineOptions.Listen.Address, 0), _identity, _runtime, AnswerAsync);
            pair.StandIn = _listener.EndPoint;
        }

        public Task<Arrival> ArrivalAsync() => _arrivals.Reader.ReadAsync().AsTask().WaitAsync(NodePair.Patience);

        public Task<bool> ReconciledAsync() => _reconciled.Reader.ReadAsync().AsTask().WaitAsync(NodePair.Patience);

        public async Task<PeerChannel> WelcomeAsync()
        {
            Arrival arrival = await ArrivalAsync();
            arrival.Answer(welcome: true);
            return await arrival.Channel.Task.WaitAsync(NodePair.Patience);
        }

        public ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
            PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
        {
            if (method != Methods.ScanSync)
            {
                return new(WireJson.Write(new Done()));
            }

            _reconciled.Writer.TryWrite(true);
            return new(WireJson.Write(new ScanSyncReply { Missing = [] }));
        }

        public Task OnStreamAsync(PeerChannel channel, ChannelStream stream, CancellationToken cancellationToken) =>
            Task.CompletedTask;

        public async ValueTask DisposeAsync()
        {
            await _listener.DisposeAsync();
            _identity.Dispose();
            _runtime.Dispose();
        }

        private async Task AnswerAsync(IncomingPeer peer, CancellationToken cancellationToken)
        {
            var arrival = new Arrival();
            _arrivals.Writer.TryWrite(arrival);
            if (await arrival.Answered)
            {
                arrival.Channel.SetResult(await peer.WelcomeAsync(_hello, this, cancellationToken));
            }
            else
            {
                await peer.RefuseAsync(new Refusal(RefusalCode.Busy, "Not now."), cancellationToken);
            }
        }
    }
}
