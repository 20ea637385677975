using System.Buffers.Binary;
using ScanEngineAdmin.Channel.Tests.Support;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Channel.Tests;

public sealed class RequestTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Requests_go_both_ways_at_once_and_each_gets_its_own_answer(bool dialled)
    {
        await using Pair pair = await Pair.OverTlsAsync(dialled);
        pair.RightPeer.OnRequest = EchoLaterAsync;
        pair.LeftPeer.OnRequest = EchoLaterAsync;

        await Task.WhenAll(
            Enumerable.Range(0, 16).SelectMany(i => new[]
            {
                Task.Run(() => AskAsync(pair.Left, i)),
                Task.Run(() => AskAsync(pair.Right, 1000 + i)),
            })).WaitAsync(Wait.Bound);

        static async Task AskAsync(PeerChannel channel, int seed)
        {
            for (int i = 0; i < 200; i++)
            {
                byte[] body = new byte[4 + (i % 300)];
                BinaryPrimitives.WriteInt32BigEndian(body, (seed << 10) + i);
                using Payload answer = await channel.RequestAsync((ushort)i, body, default);
                Assert.Equal(body, answer.Memory.ToArray());
            }
        }

        static async ValueTask<ReadOnlyMemory<byte>> EchoLaterAsync(
            PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken token)
        {
            if (method % 3 == 0)
            {
                await Task.Yield();
            }

            return body;
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_largest_body_passes_and_one_byte_more_is_refused_here(bool dialled)
    {
        await using Pair pair = Pair.InMemory(dialled);
        byte[] body = new byte[ChannelProtocol.MaxPayload - 2];
        Random.Shared.NextBytes(body);

        using Payload answer = await pair.Left.RequestAsync(1, body, default).AsTask().WaitAsync(Wait.Bound);
        using Payload empty = await pair.Left.RequestAsync(1, default, default).AsTask().WaitAsync(Wait.Bound);

        Assert.Equal(body, answer.Memory.ToArray());
        Assert.Equal(0, empty.Length);
        await Assert.ThrowsAsync<ArgumentException>(
            async () => await pair.Left.RequestAsync(1, new byte[body.Length + 1], default));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_handlers_error_crosses_with_code_and_text_and_any_other_exception_with_neither(bool dialled)
    {
        await using Pair pair = Pair.InMemory(dialled);
        pair.RightPeer.OnRequest = (_, method, _, _) => method switch
        {
            1 => throw new PeerRequestException(77, "no such\nscan"),
            2 => throw new InvalidOperationException("a secret"),
            3 => ValueTask.FromException<ReadOnlyMemory<byte>>(new PeerRequestException(78, "later")),
            _ => ValueTask.FromResult<ReadOnlyMemory<byte>>(new byte[ChannelProtocol.MaxPayload + 1]),
        };

        ChannelException known = await FailAsync(1);
        ChannelException unknown = await FailAsync(2);
        ChannelException later = await FailAsync(3);
        ChannelException tooLarge = await FailAsync(4);

        Assert.Equal((77, "no such scan"), (known.PeerCode, known.Message));
        Assert.Equal(0, unknown.PeerCode);
        Assert.DoesNotContain("secret", unknown.Message, StringComparison.Ordinal);
        Assert.Equal((78, "later"), (later.PeerCode, later.Message));
        Assert.Contains("16385", tooLarge.Message, StringComparison.Ordinal);
        Assert.Null(pair.Left.Fault);

        Task<ChannelException> FailAsync(ushort method) => Wait.FailsAsync(
            ChannelFault.RequestFailed, async () => await pair.Left.RequestAsync(method, default, default));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cancelling_a_request_cancels_its_handler_and_the_place_is_free_once_it_has_answered(bool dialled)
    {
        var options = new ChannelOptions { MaxRequestsOut = 1, MaxRequestsIn = 1 };
        await using Pair pair = Pair.InMemory(dialled, options);
        var begun = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var mayEnd = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        pair.RightPeer.OnRequest = async (_, method, body, token) =>
        {
            if (method == 1)
            {
                token.Register(() => cancelled.TrySetResult());
                begun.TrySetResult();
                await mayEnd.Task;
            }

            return body;
        };
        using var giveUp = new CancellationTokenSource();

        Task asked = pair.Left.RequestAsync(1, default, giveUp.Token).AsTask();
        await begun.Task.WaitAsync(Wait.Bound);
        await giveUp.CancelAsync();

        OperationCanceledException e = await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => asked.WaitAsync(Wait.Bound));
        Assert.Equal(giveUp.Token, e.CancellationToken);
        await cancelled.Task.WaitAsync(Wait.Bound);
        Task<Payload> next = pair.Left.RequestAsync(2, "x"u8.ToArray(), default).AsTask();
        await pair.Left.PingAsync(default).WaitAsync(Wait.Bound);
        Assert.False(next.IsCompleted);
        mayEnd.SetResult();
        using Payload answer = await next.WaitAsync(Wait.Bound);
        Assert.Equal("x"u8.ToArray(), answer.Memory.ToArray());
        Assert.Null(pair.Right.Fault);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_request_without_an_answer_times_out_and_the_channel_lives_on(bool dialled)
    {
        var time = new ManualTime();
        var options = new ChannelOptions
        {
            Time = time,
            MaxRequestsOut = 1,
            PeerTimeout = TimeSpan.FromHours(1),
            SendTimeout = TimeSpan.FromHours(1),
        };
        await using Pair pair = Pair.InMemory(dialled, options);
        var late = new TaskCompletionSource<ReadOnlyMemory<byte>>();
        pair.RightPeer.OnRequest = (_, method, body, _) => method == 1 ? new(late.Task) : new(body);

        Task asked = pair.Left.RequestAsync(1, default, default).AsTask();
        Task queued = pair.Left.RequestAsync(2, default, default).AsTask();
        time.Pass(TimeSpan.FromSeconds(29.5));
        Assert.False(asked.IsCompleted);
        time.Pass(TimeSpan.FromSeconds(1));

        await Wait.FailsAsync(ChannelFault.RequestTimedOut, () => asked);
        await Wait.FailsAsync(ChannelFault.LimitReached, () => queued);
        late.SetResult(new byte[5]);
        using Payload answer = await pair.Left.RequestAsync(2, new byte[7], default).AsTask().WaitAsync(Wait.Bound);
        Assert.Equal(7, answer.Length);
        Assert.Null(pair.Left.Fault);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Callers_beyond_the_limit_wait_for_a_place(bool dialled)
    {
        var options = new ChannelOptions { MaxRequestsOut = 4, MaxRequestsIn = 4 };
        await using Pair pair = Pair.InMemory(dialled, options);
        int inFlight = 0, most = 0;
        pair.RightPeer.OnRequest = async (_, _, body, _) =>
        {
            int now = Interlocked.Increment(ref inFlight);
            InterlockedMax(ref most, now);
            await Task.Yield();
            Interlocked.Decrement(ref inFlight);
            return body.ToArray();
        };

        Task<Payload>[] all = [.. Enumerable.Range(0, 500).Select(
            _ => pair.Left.RequestAsync(1, new byte[100], default).AsTask())];
        await Task.WhenAll(all).WaitAsync(Wait.Bound);

        Assert.InRange(most, 1, 4);
        Assert.Null(pair.Right.Fault);

        static void InterlockedMax(ref int target, int value)
        {
            int seen;
            while ((seen = Volatile.Read(ref target)) < value
                && Interlocked.CompareExchange(ref target, value, seen) != seen)
            {
            }
        }
    }

    /// <summary>Nothing else is sent after it, not even a ping, that would take it along.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Speed", "Slow")]
    public async Task A_request_that_meets_a_full_queue_is_sent_as_soon_as_there_is_room(bool dialled)
    {
        var options = new ChannelOptions { Time = new ManualTime(), ControlQueue = 2048 };
        await using Pair pair = Pair.InMemory(dialled, options);
        await pair.Left.PingAsync(default).WaitAsync(Wait.Bound);
        await pair.Right.PingAsync(default).WaitAsync(Wait.Bound);
        byte[] half = new byte[options.ControlQueue / 2];

        for (int round = 0; round < 50_000; round++)
        {
            Task<Payload> fills = pair.Right.RequestAsync(1, half, default).AsTask();
            Task<Payload> asked = Task.Run(() => pair.Left.RequestAsync(1, default, default).AsTask());
            (await fills.WaitAsync(Wait.Bound)).Dispose();
            (await asked.WaitAsync(Wait.Bound)).Dispose();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_caller_that_blocks_its_thread_for_another_answer_of_the_same_batch_is_not_stuck(bool dialled)
    {
        await using Pair pair = Pair.InMemory(dialled);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int handled = 0;
        pair.RightPeer.OnRequest = async (_, _, body, _) =>
        {
            if (Interlocked.Increment(ref handled) == 2)
            {
                gate.SetResult();
            }

            await gate.Task;
            return body.ToArray();
        };
        var second = new TaskCompletionSource<Task<Payload>>();
        var asked = new TaskCompletionSource();

        async Task BlockAsync()
        {
            ValueTask<Payload> first = pair.Left.RequestAsync(1, default, default);
            asked.SetResult();
            (await first).Dispose();
            Assert.True(second.Task.Unwrap().Wait(Wait.Bound), "the second answer came");
        }

        Task blocked = Task.Run(BlockAsync);
        await asked.Task.WaitAsync(Wait.Bound);
        second.SetResult(pair.Left.RequestAsync(2, default, default).AsTask());

        await blocked.WaitAsync(Wait.Bound);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Large_answers_to_many_requests_wait_instead_of_ending_the_channel(bool dialled)
    {
        var options = new ChannelOptions { ControlQueue = 128 * 1024 };
        await using Pair pair = Pair.InMemory(dialled, options);

        Task<Payload>[] all = [.. Enumerable.Range(0, 400).Select(
            _ => pair.Left.RequestAsync(1, new byte[16_000], default).AsTask())];
        await Task.WhenAll(all).WaitAsync(Wait.Bound);

        Assert.All(all, t => Assert.Equal(16_000, t.Result.Length));
    }
}
