using System.Security.Cryptography;
using ScanEngineAdmin.Channel.Tests.Support;
using ScanEngineAdmin.Channel.Wire;

namespace ScanEngineAdmin.Channel.Tests;

public sealed class StreamTests
{
    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Bulk_arrives_whole_both_ways_with_credit_at_work(bool dialled, bool tls)
    {
        var options = new ChannelOptions { InitialWindow = 64 * 1024, MaxWindow = 512 * 1024 };
        await using Pair pair = tls ? await Pair.OverTlsAsync(dialled, options) : Pair.InMemory(dialled, options);
        const int Length = 8 * 1024 * 1024;
        var theirs = new TaskCompletionSource<(byte[] Header, ushort Kind, byte[] Hash)>();
        pair.RightPeer.OnStream = async (_, stream, token) =>
        {
            Task writing = SendAsync(stream, seed: 2, 50_000);
            byte[] hash = await HashAsync(stream, 7_000);
            await writing;
            theirs.SetResult((stream.Header.ToArray(), stream.Kind, hash));
        };

        await using ChannelStream ours = await pair.Left.OpenStreamAsync(9, "results"u8.ToArray(), default);
        Task written = SendAsync(ours, seed: 1, 3_333);
        byte[] back = await HashAsync(ours, 100_000);
        await written;
        (byte[] header, ushort kind, byte[] there) = await theirs.Task.WaitAsync(Wait.Bound);

        Assert.Equal("results"u8.ToArray(), header);
        Assert.Equal(9, kind);
        Assert.Equal(Expected(1), there);
        Assert.Equal(Expected(2), back);
        Assert.Equal(options.CreditBudget - 0, await BudgetAsync(pair, options));

        static byte[] Bytes(int seed)
        {
            byte[] bytes = new byte[Length];
            new Random(seed).NextBytes(bytes);
            return bytes;
        }

        static byte[] Expected(int seed) => SHA256.HashData(Bytes(seed));

        static async Task SendAsync(ChannelStream stream, int seed, int chunk)
        {
            byte[] bytes = Bytes(seed);
            for (int i = 0; i < bytes.Length; i += chunk)
            {
                await stream.WriteAsync(bytes.AsMemory(i, Math.Min(chunk, bytes.Length - i)), default)
                    .AsTask().WaitAsync(Wait.Bound);
            }

            await stream.CompleteWritingAsync(default).AsTask().WaitAsync(Wait.Bound);
        }

        static async Task<byte[]> HashAsync(ChannelStream stream, int chunk) =>
            SHA256.HashData(await Wait.ReadAllAsync(stream, chunk));

        static async Task<long> BudgetAsync(Pair pair, ChannelOptions options)
        {
            await pair.Left.CloseAsync(RefusalCode.Stopping, "done").WaitAsync(Wait.Bound);
            return pair.LeftRuntime.Credit.Left;
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stalled_reader_stops_only_its_own_stream_and_holds_no_more_than_its_window(bool dialled)
    {
        await using Pair pair = Pair.InMemory(dialled);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var drained = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        pair.RightPeer.OnStream = async (_, stream, _) =>
        {
            if (stream.Kind == 1)
            {
                await release.Task;
            }

            int length = (await Wait.ReadAllAsync(stream)).Length;
            if (stream.Kind == 1)
            {
                drained.SetResult(length);
            }
        };
        await using ChannelStream slow = await pair.Left.OpenStreamAsync(1, default, default);
        int accepted = 0;
        Task stuck = Task.Run(async () =>
        {
            for (int i = 0; i < 64; i++)
            {
                await slow.WriteAsync(new byte[64 * 1024], default);
                Interlocked.Add(ref accepted, 64 * 1024);
            }

            await slow.CompleteWritingAsync(default);
        });

        for (int i = 0; i < 4; i++)
        {
            await using ChannelStream fast = await pair.Left.OpenStreamAsync(2, default, default);
            await fast.WriteAsync(new byte[2 * 1024 * 1024], default).AsTask().WaitAsync(Wait.Bound);
            await fast.CompleteWritingAsync(default).AsTask().WaitAsync(Wait.Bound);
            Assert.Empty(await Wait.ReadAllAsync(fast));
            using Payload answer = await pair.Left.RequestAsync(1, new byte[9], default).AsTask().WaitAsync(Wait.Bound);
        }

        Assert.False(stuck.IsCompleted);
        Assert.InRange(Volatile.Read(ref accepted), 0, ChannelOptions.Default.InitialWindow);
        release.SetResult();
        await stuck.WaitAsync(Wait.Bound);
        Assert.Equal(64 * 64 * 1024, await drained.Task.WaitAsync(Wait.Bound));
        Assert.Empty(await Wait.ReadAllAsync(slow));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Streams_that_compete_get_equal_shares(bool dialled)
    {
        const int Each = 4 * 1024 * 1024;
        await using var raw = new RawPeer(dialled);
        var sent = new Dictionary<uint, int>();
        List<ChannelStream> streams = [];
        for (int i = 0; i < 8; i++)
        {
            streams.Add(await raw.Channel.OpenStreamAsync(1, default, default));
            (FrameHeader opened, _) = await raw.ReceiveAsync();
            sent.Add(opened.Id, 0);
            await raw.SendAsync(RawPeer.Frame(FrameKind.Credit, opened.Id, RawPeer.U32(Each)));
        }

        // Frames are taken in order: with this answer all the credit is there.
        await raw.SendAsync(RawPeer.Frame(FrameKind.Ping, 0, new byte[8]));
        Assert.Equal(FrameKind.Pong, (await raw.ReceiveAsync()).Header.Kind);
        Task[] writes = [.. streams.Select(s => s.WriteAsync(new byte[Each], default).AsTask())];
        while (sent.Values.Max() < Each)
        {
            (FrameHeader header, byte[] payload) = await raw.ReceiveAsync();
            Assert.Equal(FrameKind.Data, header.Kind);
            sent[header.Id] += payload.Length;
        }

        Assert.True(sent.Values.Max() <= 1.2 * sent.Values.Min(), string.Join(' ', sent.Values));
        Assert.Equal(8, writes.Length);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Ending_one_way_leaves_the_other_open(bool dialled)
    {
        await using Pair pair = Pair.InMemory(dialled);
        pair.RightPeer.OnStream = async (_, stream, token) =>
        {
            byte[] all = await Wait.ReadAllAsync(stream);
            await stream.WriteAsync(all, token);
        };
        await using ChannelStream stream = await pair.Left.OpenStreamAsync(1, default, default);

        await stream.WriteAsync("half"u8.ToArray(), default);
        await stream.CompleteWritingAsync(default);
        byte[] back = await Wait.ReadAllAsync(stream);

        Assert.Equal("half"u8.ToArray(), back);
        Assert.Throws<InvalidOperationException>(() => { _ = stream.WriteAsync(new byte[1], default).AsTask(); });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reset_reaches_the_peers_read_and_write_with_its_code_and_cancels_its_handler(bool dialled)
    {
        await using Pair pair = Pair.InMemory(dialled);
        var seen = new TaskCompletionSource<(Exception? Read, Exception? Write)>();
        pair.RightPeer.OnStream = async (_, stream, token) =>
        {
            Exception? read = await Record.ExceptionAsync(() => Wait.ReadAllAsync(stream));
            Exception? write = await Record.ExceptionAsync(async () => await stream.WriteAsync(new byte[1], default));
            await Wait.UntilAsync(() => token.IsCancellationRequested, "the handler's token");
            seen.SetResult((read, write));
        };
        ChannelStream stream = await pair.Left.OpenStreamAsync(1, default, default);
        await stream.WriteAsync(new byte[10], default);

        stream.Reset(4711, "enough");

        (Exception? read, Exception? write) = await seen.Task.WaitAsync(Wait.Bound);
        foreach (Exception? e in new[] { read, write })
        {
            ChannelException reset = Assert.IsType<ChannelException>(e);
            Assert.Equal((ChannelFault.StreamReset, 4711), (reset.Fault, reset.PeerCode));
            Assert.Contains("enough", reset.Message, StringComparison.Ordinal);
        }

        await Wait.FailsAsync(ChannelFault.StreamReset, async () => await stream.ReadAsync(new byte[1], default));
        Assert.Null(pair.Left.Fault);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Disposing_an_unfinished_stream_resets_it(bool dialled)
    {
        await using Pair pair = Pair.InMemory(dialled);
        var seen = new TaskCompletionSource<Exception?>();
        pair.RightPeer.OnStream = async (_, stream, _) =>
            seen.SetResult(await Record.ExceptionAsync(() => Wait.ReadAllAsync(stream)));

        await (await pair.Left.OpenStreamAsync(1, default, default)).DisposeAsync();

        ChannelException e = Assert.IsType<ChannelException>(await seen.Task.WaitAsync(Wait.Bound));
        Assert.Equal(ChannelFault.StreamReset, e.Fault);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_handler_that_fails_resets_its_stream_without_detail_and_one_that_returns_ends_it(bool dialled)
    {
        await using Pair pair = Pair.InMemory(dialled);
        pair.RightPeer.OnStream = async (_, stream, token) =>
        {
            await stream.WriteAsync(new byte[3], token);
            if (stream.Kind == 2)
            {
                throw new InvalidOperationException("a secret");
            }
        };
        await using ChannelStream good = await pair.Left.OpenStreamAsync(1, default, default);
        await using ChannelStream bad = await pair.Left.OpenStreamAsync(2, default, default);

        Assert.Equal(3, (await Wait.ReadAllAsync(good)).Length);
        ChannelException e = await Wait.FailsAsync(ChannelFault.StreamReset, () => Wait.ReadAllAsync(bad));
        Assert.Equal(0, e.PeerCode);
        Assert.DoesNotContain("secret", e.Message, StringComparison.Ordinal);
        ChannelException unread = await Wait.FailsAsync(ChannelFault.StreamReset, async () =>
        {
            while (true)
            {
                await good.WriteAsync(new byte[64 * 1024], default);
            }
        });
        Assert.Contains("reads", unread.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Streams_beyond_the_limit_fail_here_and_are_reset_there(bool dialled)
    {
        var small = new ChannelOptions { MaxStreams = 2 };
        await using Pair pair = Pair.InMemory(dialled, ChannelOptions.Default, small);
        pair.RightPeer.OnStream = async (_, stream, _) => await Wait.ReadAllAsync(stream);
        pair.LeftPeer.OnStream = async (_, stream, _) => await Wait.ReadAllAsync(stream);

        ChannelStream[] ours =
        [
            await pair.Left.OpenStreamAsync(1, default, default),
            await pair.Left.OpenStreamAsync(1, default, default),
            await pair.Left.OpenStreamAsync(1, default, default),
        ];
        await Wait.FailsAsync(ChannelFault.StreamReset, () => Wait.ReadAllAsync(ours[2]));
        await ours[0].CompleteWritingAsync(default);
        Assert.Empty(await Wait.ReadAllAsync(ours[0]));
        await using ChannelStream again = await pair.Left.OpenStreamAsync(1, default, default);
        await again.CompleteWritingAsync(default);
        Assert.Empty(await Wait.ReadAllAsync(again));

        await using ChannelStream one = await pair.Right.OpenStreamAsync(1, default, default);
        await using ChannelStream two = await pair.Right.OpenStreamAsync(1, default, default);
        ChannelException e = await Assert.ThrowsAsync<ChannelException>(
            async () => await pair.Right.OpenStreamAsync(1, default, default));
        Assert.Equal(ChannelFault.LimitReached, e.Fault);
        Assert.Null(pair.Left.Fault);
        Assert.Null(pair.Right.Fault);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Opening_and_giving_up_at_once_never_confuses_the_peer(bool dialled)
    {
        await using Pair pair = Pair.InMemory(dialled);
        pair.RightPeer.OnStream = async (_, stream, _) => await Wait.ReadAllAsync(stream);

        for (int i = 0; i < 2_000; i++)
        {
            ChannelStream stream = await pair.Left.OpenStreamAsync(1, new byte[i % 100], default);
            if (i % 2 == 0)
            {
                await stream.WriteAsync(new byte[1000], default);
            }

            stream.Reset(1, "no");
        }

        await pair.Left.PingAsync(default).WaitAsync(Wait.Bound);
        Assert.Null(pair.Left.Fault);
        Assert.Null(pair.Right.Fault);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cancelled_read_loses_nothing_and_a_torn_write_resets_the_stream(bool dialled)
    {
        await using Pair pair = Pair.InMemory(dialled);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        pair.RightPeer.OnStream = async (_, stream, token) =>
        {
            await go.Task;
            await stream.WriteAsync("abc"u8.ToArray(), token);
            await hold.Task;
        };
        ChannelStream stream = await pair.Left.OpenStreamAsync(1, default, default);
        using var giveUp = new CancellationTokenSource();
        byte[] buffer = new byte[10];

        Task<int> read = stream.ReadAsync(buffer, giveUp.Token).AsTask();
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.WaitAsync(Wait.Bound));
        go.SetResult();
        Assert.Equal(3, await stream.ReadAsync(buffer, default).AsTask().WaitAsync(Wait.Bound));

        using var tear = new CancellationTokenSource();
        Task write = stream.WriteAsync(new byte[1024 * 1024], tear.Token).AsTask();
        await tear.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write.WaitAsync(Wait.Bound));
        await Wait.FailsAsync(ChannelFault.StreamReset, async () => await stream.WriteAsync(new byte[1], default));
        hold.SetResult();
    }
}
