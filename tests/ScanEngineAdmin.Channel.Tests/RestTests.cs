using ScanEngineAdmin.Channel.Life;
using ScanEngineAdmin.Channel.Tests.Support;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Channel.Tests;

/// <summary>A channel at rest is not asked by the sweep, and what begins on it is bounded all the same.</summary>
public sealed class RestTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_request_that_begins_at_rest_times_out_in_its_time(bool dialled)
    {
        var time = new ManualTime();
        await using Pair pair = Pair.InMemory(dialled, new ChannelOptions { Time = time, RequestTimeout = Bound });
        pair.RightPeer.OnRequest = async (_, _, _, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return default;
        };
        await RestAsync(pair, time);

        Task request = pair.Left.RequestAsync(1, default, default).AsTask();
        time.Pass(Bound + ChannelSweep.Interval);

        await Wait.FailsAsync(ChannelFault.RequestTimedOut, () => request);
        await RestAsync(pair, time);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_write_that_begins_at_rest_ends_in_its_time(bool dialled)
    {
        var time = new ManualTime();
        await using Pair pair = Pair.InMemory(dialled, new ChannelOptions { Time = time, SendTimeout = Bound });
        await RestAsync(pair, time);
        pair.LeftLink.BlockWrites();
        int writes = pair.LeftLink.Writes;

        Task request = pair.Left.RequestAsync(1, default, default).AsTask();
        await Wait.UntilAsync(() => pair.LeftLink.Writes > writes, "the write has begun");
        time.Pass(Bound + ChannelSweep.Interval);

        await Wait.EndsWithAsync(pair.Left, ChannelFault.SendTimedOut);
        await Wait.FailsAsync(ChannelFault.SendTimedOut, () => request);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_handler_that_blocks_its_thread_at_rest_gets_help(bool dialled)
    {
        var time = new ManualTime();
        await using Pair pair = Pair.InMemory(dialled, new ChannelOptions { Time = time });
        using var second = new ManualResetEventSlim();
        using var blocks = new ManualResetEventSlim();
        pair.LeftPeer.OnRequest = (_, method, _, token) =>
        {
            if (method == 1)
            {
                blocks.Set();
                Assert.True(second.Wait(Wait.Bound, token));
            }
            else
            {
                second.Set();
            }

            return default;
        };
        await RestAsync(pair, time);

        // Both requests in one write, and so in one batch.
        bool corked = pair.Right.Writer.Cork();
        Task first = pair.Right.RequestAsync(1, default, default).AsTask();
        Task other = pair.Right.RequestAsync(2, default, default).AsTask();
        Assert.True(corked);
        pair.Right.Writer.Uncork();
        Assert.True(blocks.Wait(Wait.Bound));
        time.Pass(3 * ChannelSweep.Interval);

        await Task.WhenAll(first, other).WaitAsync(Wait.Bound);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_channel_at_rest_pings_when_the_ping_is_due(bool dialled)
    {
        var time = new ManualTime();
        await using Pair pair = Pair.InMemory(dialled, new ChannelOptions { Time = time });
        for (int i = 0; i < 3; i++)
        {
            await RestAsync(pair, time);
            await pair.PassPingAsync(time, ChannelOptions.Default.HeartbeatInterval, leftSwallows: !dialled);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_request_at_rest_takes_the_diallers_next_ping_along_and_the_answer_its_pong(bool dialled)
    {
        var time = new ManualTime();
        await using Pair pair = Pair.InMemory(dialled, new ChannelOptions { Time = time });
        await RestAsync(pair, time);
        time.Pass(ChannelOptions.Default.HeartbeatInterval / 2);
        (int asked, int answered) = (pair.LeftLink.Writes, pair.RightLink.Writes);
        DateTimeOffset before = pair.Left.LastRoundTrip;

        using Payload answer = await pair.Left.RequestAsync(1, default, default).AsTask().WaitAsync(Wait.Bound);
        await Wait.UntilAsync(() => pair.Left.RestsUntil > 0, "nothing is under way");

        Assert.Equal((asked + 1, answered + 1), (pair.LeftLink.Writes, pair.RightLink.Writes));
        Assert.Equal(dialled ? time.GetUtcNow() : before, pair.Left.LastRoundTrip);
    }

    // Time passes only when nothing is under way: a starved thread must find its peer alive.
    private static async Task RestAsync(Pair pair, ManualTime time)
    {
        await pair.Left.PingAsync(default).WaitAsync(Wait.Bound);
        await pair.Right.PingAsync(default).WaitAsync(Wait.Bound);
        do
        {
            await Wait.UntilAsync(() => pair.Left.RestsUntil > 0, "nothing is under way");
            time.Pass(ChannelSweep.Interval);
        }
        while (pair.LeftRuntime.Sweep.Awake > 0);
    }
}
