using ScanEngineAdmin.Channel.Life;
using ScanEngineAdmin.Channel.Streams;
using ScanEngineAdmin.Channel.Tests.Support;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Channel.Tests;

public sealed class SegmentPoolTests
{
    [Fact]
    public void A_segment_is_used_again_and_one_that_nobody_needed_is_given_up()
    {
        var pool = new SegmentPool();
        pool.Keep(true);
        byte[][] rented = [.. Enumerable.Range(0, 100).Select(_ => pool.Rent())];
        Assert.Equal(100, rented.Distinct().Count());
        foreach (byte[] segment in rented)
        {
            pool.Return(segment);
        }

        // All of them were in use since the last sweep; of those that wait now, half are needed again before the next.
        pool.Trim();
        Assert.Equal(100, pool.Free);
        byte[][] again = [.. Enumerable.Range(0, 50).Select(_ => pool.Rent())];
        Assert.All(again, segment => Assert.True(Array.Exists(rented, one => ReferenceEquals(one, segment))));
        foreach (byte[] segment in again)
        {
            pool.Return(segment);
        }

        pool.Trim();
        Assert.Equal(50, pool.Free);
        pool.Trim();
        Assert.Equal(0, pool.Free);
    }

    [Fact]
    public void It_keeps_no_more_than_a_stream_may_have_and_nothing_without_channels()
    {
        var pool = new SegmentPool();
        pool.Return(pool.Rent());
        Assert.Equal(0, pool.Free);

        pool.Keep(true);
        byte[][] rented = [.. Enumerable.Range(0, 1500).Select(_ => pool.Rent())];
        foreach (byte[] segment in rented)
        {
            pool.Return(segment);
        }

        Assert.Equal(ChannelOptions.Default.MaxWindow / SegmentPool.SegmentSize, pool.Free);
        pool.Keep(false);
        Assert.Equal(0, pool.Free);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_waited_for_a_reader_is_kept_only_until_the_sweeps_after_it(bool dialled)
    {
        const int Waiting = 128 * 1024;
        var time = new ManualTime();
        await using Pair pair = Pair.InMemory(dialled, new ChannelOptions { Time = time });
        var arrived = new TaskCompletionSource<ChannelStream>(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        pair.LeftPeer.OnStream = (_, stream, _) =>
        {
            arrived.SetResult(stream);
            return ended.Task;
        };
        await using ChannelStream sending = await pair.Right.OpenStreamAsync(1, default, default);
        await sending.WriteAsync(new byte[Waiting], default);
        await sending.CompleteWritingAsync(default);
        ChannelStream stream = await arrived.Task.WaitAsync(Wait.Bound);
        await Wait.UntilAsync(() => stream.Receiving.HasEnded, "all of it waits for its reader");
        byte[] buffer = new byte[Waiting];
        for (int read = 0; read < Waiting;)
        {
            read += await stream.ReadAsync(buffer, default).AsTask().WaitAsync(Wait.Bound);
        }

        SegmentPool pool = pair.LeftRuntime.Segments;
        Assert.NotEqual(0, pool.Free);
        time.Advance(ChannelSweep.Interval);
        time.Advance(ChannelSweep.Interval);
        Assert.Equal(0, pool.Free);
        ended.SetResult();
    }
}
