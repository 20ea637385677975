using System.Buffers.Binary;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Core.Tests.Security;

/// <summary>Large requests of a paired peer, at either node: so large, so many at once, and not more.</summary>
[Trait("Speed", "Slow")]
public sealed class LargeRequestBoundTests
{
    private const int Most = 4 * 1024 * 1024;

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_request_of_4_MiB_is_read_and_one_byte_more_is_not(CommunicationDirection way)
    {
        await using NodePair pair = await SupersededAsync(way);
        using var peer = new DialledPeer(pair, way);
        await using PeerChannel channel = await peer.OpenAsync();

        // It was read to its end, and is no message; or it was not.
        Assert.Contains("not a valid", await RefusedAsync(Most), StringComparison.Ordinal);
        Assert.Contains("may have", await RefusedAsync(Most + 1), StringComparison.Ordinal);
        await channel.PingAsync(CancellationToken.None).WaitAsync(NodePair.Patience);

        async Task<string> RefusedAsync(int bytes)
        {
            ChannelException refused = await Assert.ThrowsAsync<ChannelException>(() => LargeRequest.AskAsync(
                channel, Methods.CertificateAnnounce, new byte[bytes], CancellationToken.None)
                .WaitAsync(NodePair.Patience));
            Assert.Equal((int?)RequestCode.Malformed, refused.PeerCode);
            return refused.Message;
        }
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Two_are_read_at_once_and_a_third_is_reset(CommunicationDirection way)
    {
        await using NodePair pair = await SupersededAsync(way);
        using var peer = new DialledPeer(pair, way);
        await using PeerChannel channel = await peer.OpenAsync();
        await using ChannelStream first = await BegunAsync();
        await using ChannelStream second = await BegunAsync();

        ChannelException reset = await Assert.ThrowsAsync<ChannelException>(() => LargeRequest.AskAsync(
            channel, Methods.CertificateAnnounce, new byte[20_000], CancellationToken.None)
            .WaitAsync(NodePair.Patience));
        Assert.Equal((int?)RequestCode.Busy, reset.PeerCode);

        // When one of them is over, there is room again.
        await first.CompleteWritingAsync(CancellationToken.None);
        Assert.Equal(
            (int?)RequestCode.Malformed,
            (await Assert.ThrowsAsync<ChannelException>(() => first.ReadAsync(new byte[1], default).AsTask()
                .WaitAsync(NodePair.Patience))).PeerCode);
        await using ChannelStream third = await BegunAsync();
        await third.CompleteWritingAsync(CancellationToken.None);
        Assert.Equal(
            (int?)RequestCode.Malformed,
            (await Assert.ThrowsAsync<ChannelException>(() => third.ReadAsync(new byte[1], default).AsTask()
                .WaitAsync(NodePair.Patience))).PeerCode);

        async Task<ChannelStream> BegunAsync()
        {
            ChannelStream stream = await channel.OpenStreamAsync(
                Methods.LargeRequestStream, new byte[] { 0, (byte)Methods.CertificateAnnounce },
                CancellationToken.None);

            // More than the first window: the node has begun to read when all is written.
            await stream.WriteAsync(new byte[1024 * 1024], CancellationToken.None);
            return stream;
        }
    }

    /// <summary>The node that a played peer takes over from does not come back to take over from that peer.</summary>
    private static Task<NodePair> SupersededAsync(CommunicationDirection way) => NodePair.ActiveAsync(
        way, null, engine => engine with { RefusedRetry = TimeSpan.FromMinutes(15) });

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_batch_of_more_than_2_MiB_is_not_waited_for(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        await pair.StopEngineAsync();
        await using PlayedEngine engine = await PlayedEngine.StartAsync(pair, way, terms: true, (_, _) => []);
        PeerChannel channel = await engine.OpenedAsync();
        await using ChannelStream stream = await channel.OpenStreamAsync(
            Methods.ScanDataStream, default, CancellationToken.None);

        // Its length alone, and nothing after it.
        byte[] length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, (2 * 1024 * 1024) + 1);
        await stream.WriteAsync(length, CancellationToken.None);

        ChannelException reset = await Assert.ThrowsAsync<ChannelException>(
            () => stream.ReadAsync(new byte[1], CancellationToken.None).AsTask().WaitAsync(NodePair.Patience));
        Assert.Equal(ChannelFault.StreamReset, reset.Fault);
        await channel.PingAsync(CancellationToken.None).WaitAsync(NodePair.Patience);
    }
}
