using System.Security.Cryptography;
using ScanEngineAdmin.Channel.Tests.Support;

namespace ScanEngineAdmin.Channel.Tests;

public sealed class StressTests
{
    // A buffer returned twice is handed to two owners: then a stream beside the troubled ones gets wrong bytes.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Streams_given_up_at_any_moment_never_spoil_the_bytes_of_others(bool dialled)
    {
        await using Pair pair = Pair.InMemory(dialled);
        pair.RightPeer.OnStream = async (_, stream, token) =>
        {
            byte[] buffer = new byte[5_000];
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            int n;
            while ((n = await stream.ReadAsync(buffer, token)) > 0)
            {
                hash.AppendData(buffer, 0, n);
                await stream.WriteAsync(buffer.AsMemory(0, n), token);
            }

            await stream.WriteAsync(hash.GetHashAndReset(), token);
        };

        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(() => i % 3 == 0
            ? TroubleAsync(pair.Left, i)
            : EchoAsync(pair.Left, i)))).WaitAsync(2 * Wait.Bound);

        Assert.Null(pair.Left.Fault);
        Assert.Null(pair.Right.Fault);
    }

    private static async Task EchoAsync(PeerChannel channel, int seed)
    {
        byte[] bytes = new byte[1_500_000];
        new Random(seed).NextBytes(bytes);
        await using ChannelStream stream = await channel.OpenStreamAsync(1, default, default);
        Task writing = Task.Run(async () =>
        {
            for (int i = 0; i < bytes.Length; i += 10_000)
            {
                await stream.WriteAsync(bytes.AsMemory(i, 10_000), default);
            }

            await stream.CompleteWritingAsync(default);
        });
        byte[] back = await Wait.ReadAllAsync(stream, 3_000);
        await writing;
        Assert.Equal(bytes.Length + 32, back.Length);
        Assert.True(bytes.AsSpan().SequenceEqual(back.AsSpan(0, bytes.Length)), "the echo is whole");
        Assert.Equal(SHA256.HashData(bytes), back[bytes.Length..]);
    }

    private static async Task TroubleAsync(PeerChannel channel, int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < 150; i++)
        {
            ChannelStream stream = await channel.OpenStreamAsync(1, new byte[random.Next(4096)], default);
            using var stop = new CancellationTokenSource();
            Task read = IgnoreAsync(stream.ReadAsync(new byte[2_000], stop.Token).AsTask());
            Task write = IgnoreAsync(stream.WriteAsync(new byte[random.Next(200_000)], stop.Token).AsTask());
            for (int turn = random.Next(20); turn > 0; turn--)
            {
                await Task.Yield();
            }

            if (i % 2 == 0)
            {
                await stop.CancelAsync();
            }

            await stream.DisposeAsync();
            await Task.WhenAll(read, write).WaitAsync(Wait.Bound);
        }
    }

    private static async Task IgnoreAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelException)
        {
        }
    }
}
