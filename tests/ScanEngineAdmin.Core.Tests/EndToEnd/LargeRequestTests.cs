using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

[Trait("Speed", "Slow")]
public sealed class LargeRequestTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_large_request_that_is_never_answered_ends_in_its_time_like_any_other(bool dialled)
    {
        var time = new LeapTime();
        ChannelOptions options = NodePair.Patient with
        {
            PeerTimeout = TimeSpan.FromHours(2),
            SendTimeout = TimeSpan.FromHours(2),
            Time = time,
        };
        var mute = new Mute();
        using var runtime = new ChannelRuntime(options);
        using var identity = NodeIdentity.Create(Guid.NewGuid(), TimeProvider.System);
        var hello = new PeerHello { Role = NodeRole.Engine, NodeId = Guid.NewGuid(), BootId = Guid.NewGuid() };
        var accepted = new TaskCompletionSource<PeerChannel>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ChannelListener listener = ChannelListener.Start(
            new IPEndPoint(IPAddress.Loopback, 0),
            identity,
            runtime,
            async (peer, token) => accepted.SetResult(await peer.WelcomeAsync(hello, mute, token)));
        await using PeerChannel there = await new ChannelDialer(identity, runtime).OpenChannelAsync(
            new DialTarget("127.0.0.1", listener.EndPoint.Port, [identity.Fingerprint]), hello, mute, default);
        await using PeerChannel here = await accepted.Task.WaitAsync(NodePair.Patience);

        Task<Done> asked = (dialled ? there : here)
            .AskAsync<Done>(Methods.Poll, new ScanSyncReply { Missing = [.. Many()] }, default);
        await mute.Asked.Task.WaitAsync(NodePair.Patience);
        time.Pass(TimeSpan.FromHours(1));
        ChannelException late = await Assert.ThrowsAsync<ChannelException>(() => asked.WaitAsync(NodePair.Patience));

        Assert.Equal((ChannelFault.RequestTimedOut, ChannelStage.Open), (late.Fault, late.Stage));
        Assert.Null((dialled ? there : here).Fault);
    }

    private static IEnumerable<Guid> Many() => Enumerable.Range(0, 1000).Select(_ => Guid.NewGuid());

    private sealed class Mute : IPeerHandler
    {
        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
            PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
            new(new byte[2]);

        public Task OnStreamAsync(PeerChannel channel, ChannelStream stream, CancellationToken cancellationToken)
        {
            Asked.TrySetResult();
            return Task.Delay(Timeout.Infinite, cancellationToken);
        }
    }
}
