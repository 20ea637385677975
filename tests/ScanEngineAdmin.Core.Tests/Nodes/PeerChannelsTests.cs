using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.NodeProcess;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using Queues = System.Threading.Channels.Channel;

namespace ScanEngineAdmin.Core.Tests.Nodes;

/// <summary>Channels of one peer that come in one after the other, though not always in the order of their opening.</summary>
public sealed class PeerChannelsTests
{
    [Fact]
    public async Task A_newer_channel_takes_over_and_one_that_has_ended_does_not()
    {
        using var runtime = new ChannelRuntime(NodePair.Patient);
        using var identity = NodeIdentity.Create(Guid.NewGuid(), TimeProvider.System);
        var hello = new PeerHello { Role = NodeRole.Engine, NodeId = Guid.NewGuid(), BootId = Guid.NewGuid() };
        var accepted = Queues.CreateUnbounded<PeerChannel>();
        await using ChannelListener listener = ChannelListener.Start(
            new IPEndPoint(IPAddress.Loopback, 0),
            identity,
            runtime,
            async (peer, token) => accepted.Writer.TryWrite(await peer.WelcomeAsync(hello, new Silent(), token)));
        var channels = new PeerChannels<OpenChannel>();
        PeerChannel first = await OpenAsync();
        PeerChannel gone = await OpenAsync();
        PeerChannel last = await OpenAsync();

        channels.Add(new OpenChannel(first));
        channels.Add(new OpenChannel(last));
        await first.Completion.WaitAsync(NodePair.Patience);
        await gone.DisposeAsync();
        channels.Add(new OpenChannel(gone));

        Assert.Equal(RefusalCode.Superseded, first.Fault?.Refusal?.Code);
        Assert.Same(last, Assert.Single(channels.Open));
        await last.PingAsync(CancellationToken.None).WaitAsync(NodePair.Patience);
        await last.DisposeAsync();

        async Task<PeerChannel> OpenAsync()
        {
            await new ChannelDialer(identity, runtime).OpenChannelAsync(
                new DialTarget("127.0.0.1", listener.EndPoint.Port, [identity.Fingerprint]), hello, new Silent(),
                CancellationToken.None);
            return await accepted.Reader.ReadAsync().AsTask().WaitAsync(NodePair.Patience);
        }
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
