using ScanEngineAdmin.Channel.Tests.Support;
using ScanEngineAdmin.Channel.Wire;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Channel.Tests;

public sealed class LifeTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_goodbye_reaches_the_peer_after_what_was_queued(bool dialled)
    {
        await using Pair pair = await Pair.OverTlsAsync(dialled);
        var got = new TaskCompletionSource<int>();
        pair.RightPeer.OnStream = async (_, stream, _) => got.SetResult((await Wait.ReadAllAsync(stream)).Length);
        await using ChannelStream stream = await pair.Left.OpenStreamAsync(1, default, default);
        await stream.WriteAsync(new byte[100_000], default);
        await stream.CompleteWritingAsync(default);

        await pair.Left.CloseAsync(RefusalCode.Superseded, "a newer one").WaitAsync(Wait.Bound);

        ChannelException here = await Wait.EndsWithAsync(pair.Left, ChannelFault.Closed);
        ChannelException there = await Wait.EndsWithAsync(pair.Right, ChannelFault.Closed);
        Assert.Null(here.Refusal);
        Assert.Equal((RefusalCode.Superseded, "a newer one"), (there.Refusal!.Code, there.Refusal.Text));
        Assert.Equal(100_000, await got.Task.WaitAsync(Wait.Bound));
        await Wait.FailsAsync(ChannelFault.Closed, async () => await pair.Right.RequestAsync(1, default, default));
        await Wait.FailsAsync(ChannelFault.Closed, async () => await pair.Left.OpenStreamAsync(1, default, default));
        await Wait.FailsAsync(ChannelFault.Closed, async () => await pair.Left.PingAsync(default));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cut_fails_everything_that_waits_at_both_ends(bool dialled)
    {
        await using Pair pair = Pair.InMemory(dialled);
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handling = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        pair.RightPeer.OnRequest = async (_, _, _, token) =>
        {
            token.Register(() => cancelled.TrySetResult());
            handling.TrySetResult();
            await cancelled.Task;
            return default;
        };
        pair.RightPeer.OnStream = (_, _, token) => Task.Delay(Timeout.Infinite, token);
        await using ChannelStream stream = await pair.Left.OpenStreamAsync(1, default, default);
        Task request = pair.Left.RequestAsync(1, default, default).AsTask();
        Task read = stream.ReadAsync(new byte[1], default).AsTask();
        Task write = stream.WriteAsync(new byte[10 * 1024 * 1024], default).AsTask();
        await handling.Task.WaitAsync(Wait.Bound);

        pair.LeftLink.Cut();

        await Wait.FailsAsync(ChannelFault.ConnectionLost, () => request);
        await Wait.FailsAsync(ChannelFault.ConnectionLost, () => read);
        await Wait.FailsAsync(ChannelFault.ConnectionLost, () => write);
        await Wait.EndsWithAsync(pair.Left, ChannelFault.ConnectionLost);
        await Wait.EndsWithAsync(pair.Right, ChannelFault.ConnectionLost);
        await cancelled.Task.WaitAsync(Wait.Bound);
        Assert.Equal(ChannelStage.Open, pair.Left.Fault!.Stage);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_end_without_a_goodbye_is_a_lost_connection(bool dialled)
    {
        await using var raw = new RawPeer(dialled);
        raw.End();
        await Wait.EndsWithAsync(raw.Channel, ChannelFault.ConnectionLost);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task A_link_that_swallows_one_way_is_found_within_45_seconds_from_both_ends(bool dialled, bool ours)
    {
        var time = new ManualTime();
        await using Pair pair = Pair.InMemory(dialled, new ChannelOptions { Time = time });
        await pair.Left.PingAsync(default).WaitAsync(Wait.Bound);
        await pair.Right.PingAsync(default).WaitAsync(Wait.Bound);

        // Each end has to find it by itself: the first that does must not tell the other by closing.
        pair.LeftLink.LosesEnd = pair.RightLink.LosesEnd = true;
        (ours ? pair.LeftLink : pair.RightLink).SwallowWrites();
        int writes = pair.LeftLink.Writes;
        Task request = pair.Left.RequestAsync(1, default, default).AsTask();
        await Wait.UntilAsync(() => pair.LeftLink.Writes > writes, "the request is written");
        await pair.PassPingAsync(time, TimeSpan.FromSeconds(20.25), ours);
        Assert.False(request.IsCompleted);
        await pair.PassPingAsync(time, TimeSpan.FromSeconds(10.25), ours);
        time.Pass(TimeSpan.FromSeconds(14.5));
        Assert.NotNull(pair.Left.Fault);
        Assert.NotNull(pair.Right.Fault);

        // Closing has a time of its own.
        time.Pass(ChannelOptions.Default.CloseTimeout);
        await Wait.EndsWithAsync(pair.Left, ChannelFault.PeerSilent);
        await Wait.EndsWithAsync(pair.Right, ChannelFault.PeerSilent);
        await Assert.ThrowsAsync<ChannelException>(() => request.WaitAsync(Wait.Bound));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_idle_channel_lives_by_its_heartbeats_and_holds_no_timer_of_its_own(bool dialled)
    {
        var time = new ManualTime();
        await using Pair pair = Pair.InMemory(dialled, new ChannelOptions { Time = time });
        await pair.Left.PingAsync(default).WaitAsync(Wait.Bound);
        await pair.Right.PingAsync(default).WaitAsync(Wait.Bound);

        int before = pair.LeftLink.Writes + pair.RightLink.Writes;

        for (int i = 0; i < 40; i++)
        {
            DateTimeOffset left = pair.Left.LastRoundTrip, right = pair.Right.LastRoundTrip;
            time.Pass(TimeSpan.FromSeconds(20.25));
            await Wait.UntilAsync(
                () => pair.Left.LastRoundTrip > left && pair.Right.LastRoundTrip > right, "a round trip");
        }

        Assert.Null(pair.Left.Fault);
        Assert.Null(pair.Right.Fault);

        // One exchange serves both ends: a ping and its pong.
        Assert.Equal(2 * 40, pair.LeftLink.Writes + pair.RightLink.Writes - before);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_older_peer_names_no_pong_and_is_asked_by_each_end(bool dialled)
    {
        var time = new ManualTime();
        await using var older = new RawPeer(dialled, new ChannelOptions { Time = time });
        uint sequence = 0;
        time.Pass(TimeSpan.FromSeconds(1));
        await AnswerAsync();
        for (int asked = 0; asked < 3; asked++)
        {
            await PingAsync();
            time.Pass(TimeSpan.FromSeconds(15));
            await PingAsync();
            time.Pass(TimeSpan.FromSeconds(dialled ? 5.25 : 10.25));
            await AnswerAsync();
        }

        // From now on it answers no ping, though its own go on.
        for (int step = 0; step < 3; step++)
        {
            Assert.Null(older.Channel.Fault);
            await PingAsync();
            time.Pass(TimeSpan.FromSeconds(13.5));
        }

        await Wait.EndsWithAsync(older.Channel, ChannelFault.PeerSilent);

        ValueTask PingAsync() =>
            older.SendAsync(RawPeer.Frame(FrameKind.Ping, 0, [.. RawPeer.U32(0), .. RawPeer.U32(++sequence)]));

        async Task AnswerAsync()
        {
            await older.SendAsync(RawPeer.Frame(FrameKind.Pong, 0, await older.ReceivePingAsync()));
            await Wait.UntilAsync(() => older.Channel.LastRoundTrip == time.GetUtcNow(), "a round trip");
        }
    }

    /// <summary>Over a satellite, or a line that is full: an answer takes longer than a ping waits on a short way.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task No_ping_is_repeated_before_its_answer_could_be_here(bool dialled)
    {
        var trip = TimeSpan.FromSeconds(12);
        var time = new ManualTime();
        await using var far = new RawPeer(dialled, new ChannelOptions { Time = time });
        byte[] ping = await far.ReceivePingAsync();
        for (uint number = 1; number <= 5; number++)
        {
            time.Pass(trip);

            // Frames keep their order: a second ping would come before this answer.
            await far.SendAsync(RawPeer.Frame(FrameKind.Ping, 0, [.. RawPeer.U32(0), .. RawPeer.U32(number)]));
            Assert.Equal(FrameKind.Pong, (await far.ReceiveAsync(_ => true)).Header.Kind);
            await far.SendAsync(RawPeer.Frame(FrameKind.Pong, 0, ping));
            await Wait.UntilAsync(() => far.Channel.LastRoundTrip == time.GetUtcNow(), "a round trip");
            Assert.InRange(far.Channel.Heartbeat.RoundTrip, trip, trip + TimeSpan.FromSeconds(1));

            time.Pass(TimeSpan.FromSeconds(dialled ? 20.25 : 25.25));
            ping = await far.ReceivePingAsync();
        }

        // One that is lost is repeated all the same, before the channel counts as dead.
        time.Pass(trip * 1.5 + TimeSpan.FromSeconds(0.25));
        Assert.Equal(dialled, far.Channel.Fault is null);
        if (dialled)
        {
            Assert.NotEqual(ping, await far.ReceivePingAsync());
        }
    }

    /// <summary>A peer that names a pong which it cannot have, or always the same one, proves nothing.</summary>
    [Theory]
    [InlineData(9999u)]
    [InlineData(1u)]
    public async Task Pings_that_do_not_name_the_latest_pong_keep_no_channel_alive(uint named)
    {
        var time = new ManualTime();
        await using var peer = new RawPeer(dialled: false, new ChannelOptions { Time = time });
        byte[] opening = await peer.ReceivePingAsync();
        time.Pass(TimeSpan.FromSeconds(1));
        await peer.SendAsync(RawPeer.Frame(FrameKind.Pong, 0, opening));
        await Wait.UntilAsync(() => peer.Channel.LastRoundTrip == time.GetUtcNow(), "a round trip");
        for (uint second = 1; second <= 40; second++)
        {
            await peer.SendAsync(RawPeer.Frame(
                FrameKind.Ping, 0, [.. RawPeer.U32(second == 1 ? 0 : named), .. RawPeer.U32(second)]));
            FrameHeader pong = (await peer.ReceiveAsync()).Header;
            Assert.Equal(FrameKind.Pong, pong.Kind);
            time.Pass(TimeSpan.FromSeconds(1));
        }

        time.Pass(TimeSpan.FromSeconds(1));
        await Wait.EndsWithAsync(peer.Channel, ChannelFault.PeerSilent);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_write_that_does_not_finish_ends_the_channel(bool dialled)
    {
        var time = new ManualTime();
        await using Pair pair = Pair.InMemory(
            dialled, new ChannelOptions { Time = time, PeerTimeout = TimeSpan.FromHours(1) });
        await pair.Left.PingAsync(default).WaitAsync(Wait.Bound);
        pair.LeftLink.BlockWrites();
        int writes = pair.LeftLink.Writes;
        Task request = pair.Left.RequestAsync(1, default, default).AsTask();
        await Wait.UntilAsync(() => pair.LeftLink.Writes > writes, "the write has begun");

        time.Pass(TimeSpan.FromSeconds(29));
        Assert.Null(pair.Left.Fault);
        time.Pass(TimeSpan.FromSeconds(2));

        await Wait.EndsWithAsync(pair.Left, ChannelFault.SendTimedOut);
        await Assert.ThrowsAsync<ChannelException>(() => request.WaitAsync(Wait.Bound));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Closing_towards_a_peer_that_takes_nothing_is_bounded(bool dialled)
    {
        var time = new ManualTime();
        await using Pair pair = Pair.InMemory(dialled, new ChannelOptions { Time = time });
        pair.LeftLink.BlockWrites();

        Task closing = pair.Left.CloseAsync(RefusalCode.Stopping, "stop");
        await Wait.UntilAsync(
            () =>
            {
                time.Pass(TimeSpan.FromSeconds(1));
                return closing.IsCompleted;
            },
            "the end of closing");

        Assert.Equal(ChannelFault.Closed, pair.Left.Fault!.Fault);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Many_small_frames_leave_in_few_writes(bool dialled)
    {
        await using Pair pair = Pair.InMemory(dialled);
        pair.RightPeer.OnStream = async (_, stream, _) => await Wait.ReadAllAsync(stream);
        await using ChannelStream stream = await pair.Left.OpenStreamAsync(1, default, default);
        int before = pair.LeftLink.Writes;

        for (int i = 0; i < 20_000; i++)
        {
            await stream.WriteAsync(new byte[100], default);
        }

        await stream.CompleteWritingAsync(default);
        Assert.Empty(await Wait.ReadAllAsync(stream));
        Assert.InRange(pair.LeftLink.Writes - before, 1, 10_000);
    }

    [Fact]
    public async Task The_sweep_rests_while_there_is_no_channel()
    {
        var time = new ManualTime();
        await using Pair pair = Pair.InMemory(true, new ChannelOptions { Time = time });
        await pair.Left.PingAsync(default).WaitAsync(Wait.Bound);
        await pair.Left.CloseAsync(RefusalCode.Stopping, "x").WaitAsync(Wait.Bound);
        await pair.Right.Completion.WaitAsync(Wait.Bound);

        // A wait that has ended takes its timer away a moment after it says so.
        await Wait.UntilAsync(() => time.Running == 0, "no timer is left");
        int sweeps = time.Fired;
        time.Pass(TimeSpan.FromMinutes(1));

        Assert.Equal(sweeps, time.Fired);
        Assert.Equal(FrameHeader.Size, ChannelProtocol.HeaderLength);
    }
}
