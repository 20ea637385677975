using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Channel.Handshake;

namespace ScanEngineAdmin.Channel.Tests.Handshake;

public sealed class SocketStreamTests
{
    [Theory]
    [InlineData(1, false, false)]
    [InlineData(2, true, false)]
    [InlineData(3, false, true)]
    [InlineData(4, true, true)]
    [InlineData(5, true, true)]
    public async Task Bytes_arrive_whole_and_in_order_however_they_are_cut(int seed, bool corked, bool ahead)
    {
        var random = new Random(seed);
        byte[] sent = new byte[2_000_000];
        random.NextBytes(sent);
        await using SocketPair pair = await SocketPair.MakeAsync();
        if (corked)
        {
            pair.Near.StartBuffering();
        }

        if (ahead)
        {
            pair.Far.StartBuffering();
        }

        Task writing = Task.Run(async () =>
        {
            var sizes = new Random(seed + 100);
            for (int at = 0; at < sent.Length;)
            {
                int size = Math.Min(sent.Length - at, sizes.Next(5) == 0 ? sizes.Next(150_000) : sizes.Next(3_000));
                await pair.Near.WriteAsync(sent.AsMemory(at, size));
                at += size;
                if (sizes.Next(4) == 0)
                {
                    await pair.Near.FlushAsync();
                }
            }

            await pair.Near.FlushAsync();
            pair.Near.Socket.Shutdown(SocketShutdown.Send);
        });
        using var received = new MemoryStream();
        byte[] buffer = new byte[100_000];
        while (true)
        {
            if (random.Next(3) == 0)
            {
                Assert.Equal(0, await pair.Far.ReadAsync(Memory<byte>.Empty).AsTask().WaitAsync(Node.Patience));
            }

            int size = 1 + (random.Next(4) == 0 ? random.Next(buffer.Length) : random.Next(500));
            int got = await pair.Far.ReadAsync(buffer.AsMemory(0, size)).AsTask().WaitAsync(Node.Patience);
            if (got == 0)
            {
                break;
            }

            received.Write(buffer, 0, got);
        }

        await writing.WaitAsync(Node.Patience);
        Assert.True(sent.AsSpan().SequenceEqual(received.ToArray()));
        Assert.Equal(0, pair.Near.Rented);
        Assert.Equal(0, pair.Far.Rented);
    }

    [Fact]
    public async Task A_corked_write_waits_for_its_flush_and_an_uncorked_one_does_not()
    {
        await using SocketPair pair = await SocketPair.MakeAsync();
        await pair.Near.WriteAsync(new byte[] { 1 });
        Assert.Equal(1, await pair.Far.ReadAsync(new byte[10]).AsTask().WaitAsync(Node.Patience));
        pair.Near.StartBuffering();

        await pair.Near.WriteAsync(new byte[] { 2 });
        await pair.Near.WriteAsync(new byte[] { 3 });
        Assert.NotEqual(0, pair.Near.Rented);
        Assert.Equal(0, pair.Far.Socket.Available);
        await pair.Near.FlushAsync();

        Assert.Equal(2, await pair.Far.ReadAsync(new byte[10]).AsTask().WaitAsync(Node.Patience));
    }

    [Fact]
    public async Task An_idle_zero_byte_read_holds_no_buffer_and_ends_when_bytes_come()
    {
        await using SocketPair pair = await SocketPair.MakeAsync();
        pair.Far.StartBuffering();

        Task<int> waiting = pair.Far.ReadAsync(Memory<byte>.Empty).AsTask();
        Assert.False(waiting.IsCompleted);
        Assert.Equal(0, pair.Far.Rented);
        await pair.Near.WriteAsync(new byte[100]);

        Assert.Equal(0, await waiting.WaitAsync(Node.Patience));
        Assert.Equal(10, await pair.Far.ReadAsync(new byte[10]).AsTask().WaitAsync(Node.Patience));
        Assert.NotEqual(0, pair.Far.Rented);
        Assert.Equal(0, await pair.Far.ReadAsync(Memory<byte>.Empty));
        Assert.Equal(90, await pair.Far.ReadAsync(new byte[100]).AsTask().WaitAsync(Node.Patience));
        Assert.Equal(0, pair.Far.Rented);
    }

    [Fact]
    public async Task Closing_ends_a_read_that_waits()
    {
        await using SocketPair pair = await SocketPair.MakeAsync();
        pair.Far.StartBuffering();
        Task<int> waiting = pair.Far.ReadAsync(new byte[10]).AsTask();

        await pair.Far.DisposeAsync();

        Exception? end = await Record.ExceptionAsync(() => waiting.WaitAsync(Node.Patience));
        Assert.True(end is IOException or ObjectDisposedException, $"{end}");
    }

    [Fact]
    public async Task The_first_bytes_are_kept_until_the_channel_starts_and_stay_readable()
    {
        await using SocketPair pair = await SocketPair.MakeAsync();
        await pair.Near.WriteAsync("SSH-2.0-x\r\n"u8.ToArray());

        Assert.True(await pair.Far.FillAsync(4, CancellationToken.None).AsTask().WaitAsync(Node.Patience));
        Assert.True(await pair.Far.FillAsync(11, CancellationToken.None).AsTask().WaitAsync(Node.Patience));
        Assert.Equal("SSH (\"SSH-2.0-x\")", FirstBytes.Foreign(pair.Far.Head));
        byte[] read = new byte[20];
        Assert.Equal(11, await pair.Far.ReadAsync(read).AsTask().WaitAsync(Node.Patience));
        Assert.Equal("SSH-2.0-x\r\n"u8.ToArray(), read[..11]);
        pair.Far.StartBuffering();
        Assert.True(pair.Far.Head.IsEmpty);
    }

    [Fact]
    public async Task What_is_only_announced_is_not_rented()
    {
        const int announced = 16 * 1024;
        await using SocketPair pair = await SocketPair.MakeAsync();
        byte[] sent = [.. Enumerable.Range(0, announced).Select(i => (byte)(i * 7))];
        await pair.Near.WriteAsync(sent.AsMemory(0, 5));
        Assert.True(await pair.Far.FillAsync(5, CancellationToken.None).AsTask().WaitAsync(Node.Patience));

        Task<bool> filling = pair.Far.FillAsync(announced, CancellationToken.None).AsTask();
        Assert.False(filling.IsCompleted);
        Assert.InRange(pair.Far.Rented, 5, 2048);
        await pair.Near.WriteAsync(sent.AsMemory(5));

        Assert.True(await filling.WaitAsync(Node.Patience));
        Assert.True(pair.Far.Waiting.SequenceEqual(sent));
    }

    [Fact]
    public async Task What_is_sent_ahead_of_the_handshakes_end_is_read_after_it()
    {
        await using SocketPair pair = await SocketPair.MakeAsync();
        byte[] sent = System.Security.Cryptography.RandomNumberGenerator.GetBytes(3000);
        await pair.Near.WriteAsync(sent);
        pair.Far.Allow(1000);
        byte[] buffer = new byte[3000];

        int first = await pair.Far.ReadAsync(buffer);
        Assert.InRange(first, 1, 1000);
        while (first < 1000)
        {
            first += await pair.Far.ReadAsync(buffer.AsMemory(first));
        }

        Assert.Equal(1000, first);
        await Assert.ThrowsAsync<IOException>(() => pair.Far.ReadAsync(buffer).AsTask());
        Assert.True(pair.Far.IsOverdrawn);
        pair.Far.Allow(5000);
        await pair.Far.ReadExactlyAsync(buffer.AsMemory(first));
        Assert.Equal(sent, buffer);
    }

    private sealed record SocketPair(SocketStream Near, SocketStream Far) : IAsyncDisposable
    {
        public static async Task<SocketPair> MakeAsync()
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var near = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await near.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
            return new SocketPair(new SocketStream(near), new SocketStream(await listener.AcceptSocketAsync()));
        }

        public async ValueTask DisposeAsync()
        {
            await Near.DisposeAsync();
            await Far.DisposeAsync();
        }
    }
}
