using ScanEngineAdmin.Channel.Tests.Support;
using ScanEngineAdmin.Channel.Wire;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Channel.Tests;

/// <summary>What a paired peer can make this side hold by opening and giving up streams, or by not reading.</summary>
public sealed class HostileStreamTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_peer_that_opens_too_many_streams_and_reads_no_refusal_loses_its_channel(bool dialled)
    {
        await using var raw = new RawPeer(
            dialled, new ChannelOptions { MaxStreams = 1, ControlQueue = 64 * 1024, Time = new ManualTime() });
        raw.Handler.OnStream = (_, _, token) => Task.Delay(Timeout.Infinite, token);
        uint id = dialled ? 2u : 1u;

        // Far more than what the connection and the queue hold together.
        for (int sent = 0; sent < 40_000 && raw.Channel.Fault is null; sent++, id += 2)
        {
            try
            {
                await raw.SendAsync(RawPeer.Frame(FrameKind.Open, id, new byte[6])).AsTask().WaitAsync(Wait.Bound);
            }
            catch (IOException)
            {
                break;
            }
        }

        await Wait.UntilAsync(() => raw.Channel.Fault is not null, "the channel ends");
        Assert.Equal(ChannelFault.SendTimedOut, raw.Channel.Fault!.Fault);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Streams_that_are_opened_and_given_up_at_once_do_not_pile_up_their_handlers(bool dialled)
    {
        const int most = 4;
        await using var raw = new RawPeer(dialled, new ChannelOptions { MaxStreams = most });
        var busy = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int started = 0;
        raw.Handler.OnStream = (_, _, _) =>
        {
            Interlocked.Increment(ref started);
            return busy.Task;
        };
        uint id = dialled ? 2u : 1u;
        for (int i = 0; i < 1000; i++, id += 2)
        {
            await raw.SendAsync(
                [.. RawPeer.Frame(FrameKind.Open, id, new byte[6]), .. RawPeer.Frame(FrameKind.Reset, id, 0, 0)]);
        }

        await RoundTripAsync(raw);
        await Wait.UntilAsync(() => Volatile.Read(ref started) > 0, "a handler has begun");
        Assert.InRange(Volatile.Read(ref started), 1, 2 * most);
        Assert.Null(raw.Channel.Fault);

        busy.SetResult();
        raw.Handler.OnStream = (_, stream, _) =>
        {
            stream.Reset(7, "here");
            return Task.CompletedTask;
        };
        await raw.SendAsync(RawPeer.Frame(FrameKind.Open, id, new byte[6]));
        FrameHeader header;
        byte[] payload;
        do
        {
            (header, payload) = await raw.ReceiveAsync();
        }
        while (header.Id != id || header.Kind != FrameKind.Reset);
        Assert.Equal(7, payload[1]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stream_opened_while_the_handlers_of_others_still_end_waits_and_is_served(bool dialled)
    {
        const int most = 4;
        await using var raw = new RawPeer(dialled, new ChannelOptions { MaxStreams = most });
        var busy = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int started = 0;
        raw.Handler.OnStream = (_, _, _) =>
        {
            Interlocked.Increment(ref started);
            return busy.Task;
        };
        uint id = dialled ? 2u : 1u;

        // Given up while they run, and far more given up while they wait: these are not kept for ever.
        for (int i = 0; i < 500; i++, id += 2)
        {
            await raw.SendAsync(
                [.. RawPeer.Frame(FrameKind.Open, id, new byte[6]), .. RawPeer.Frame(FrameKind.Reset, id, 0, 0)]);
        }

        uint innocent = id;
        await raw.SendAsync(RawPeer.Frame(FrameKind.Open, innocent, new byte[6]));
        await RoundTripAsync(raw);
        await Wait.UntilAsync(() => Volatile.Read(ref started) == 2 * most, "as many handlers run as may");
        Assert.InRange(raw.Channel.Streams.Waiting, 1, (2 * most) + 1);

        raw.Handler.OnStream = (_, stream, _) =>
        {
            stream.Reset(7, "served");
            return Task.CompletedTask;
        };
        busy.SetResult();

        FrameHeader header;
        byte[] payload;
        do
        {
            (header, payload) = await raw.ReceiveAsync();
        }
        while (header.Id != innocent || header.Kind != FrameKind.Reset);
        Assert.Equal(7, payload[1]);
        Assert.Equal(2 * most, started);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_that_finds_no_room_while_the_channel_closes_does_not_hold_a_thread(bool dialled)
    {
        await using Pair pair = Pair.InMemory(
            dialled, new ChannelOptions { ControlQueue = 64 * 1024, Time = new ManualTime() });

        // Goes on where the answer is given, so that a loop without an end is seen by whoever gives it.
        var answer = new TaskCompletionSource<ReadOnlyMemory<byte>>();
        pair.LeftPeer.OnRequest = (_, method, _, _) => method == 1
            ? new ValueTask<ReadOnlyMemory<byte>>(answer.Task)
            : ValueTask.FromResult<ReadOnlyMemory<byte>>(new byte[16 * 1024]);
        pair.LeftLink.BlockWrites();
        _ = pair.Right.RequestAsync(1, default, CancellationToken.None).AsTask();
        for (int i = 0; i < 20; i++)
        {
            _ = pair.Right.RequestAsync(2, default, CancellationToken.None).AsTask();
        }

        await Wait.UntilAsync(() => !pair.Left.Writer.HasControlRoom, "the answers fill the queue");
        _ = pair.Left.CloseAsync(RefusalCode.Superseded, "test");
        await Wait.UntilAsync(() => pair.Left.Writer.RoomAsync().IsCompleted, "the channel is closing");

        await Task.Run(() => answer.SetResult(new byte[16])).WaitAsync(Wait.Bound);
        pair.LeftLink.Cut();
    }

    private static async Task RoundTripAsync(RawPeer raw)
    {
        await raw.SendAsync(RawPeer.Frame(FrameKind.Request, 5, 0, 9, 42));
        FrameHeader header;
        do
        {
            (header, _) = await raw.ReceiveAsync();
        }
        while (header.Kind != FrameKind.Reply);
    }
}
