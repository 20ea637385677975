using ScanEngineAdmin.Channel.Life;
using ScanEngineAdmin.Channel.Tests.Support;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Channel.Tests;

public sealed class BusyChannelTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_busy_channel_waits_with_its_buffers_until_it_has_been_quiet(bool dialled)
    {
        var time = new ManualTime();
        await using Pair pair = Pair.InMemory(dialled, ChannelOptions.Default with { Time = time });
        await AskAsync(40);

        time.Pass(ChannelSweep.Interval);
        await AskAsync(1);
        int before = pair.LeftLink.EmptyReads;
        await AskAsync(5);
        Assert.Equal(before, pair.LeftLink.EmptyReads);
        Assert.Equal(1, pair.LeftRuntime.BusyReaders.Taken);

        time.Pass(ChannelSweep.Interval);
        await AskAsync(1);
        Assert.True(pair.LeftLink.EmptyReads > before);
        Assert.Equal(0, pair.LeftRuntime.BusyReaders.Taken);

        await AskAsync(40);
        time.Pass(ChannelSweep.Interval);
        await AskAsync(1);
        Assert.Equal(1, pair.LeftRuntime.BusyReaders.Taken);
        await pair.Left.DisposeAsync();
        Assert.Equal(0, pair.LeftRuntime.BusyReaders.Taken);

        // An answer is there only when the loop waits for the next one.
        async Task AskAsync(int requests)
        {
            for (int i = 0; i < requests; i++)
            {
                using Payload answer = await pair.Left.RequestAsync(1, default, default).AsTask().WaitAsync(Wait.Bound);
            }
        }
    }

    [Fact]
    public void More_busy_channels_than_a_node_has_places_wait_without_buffers()
    {
        using var runtime = new ChannelRuntime(ChannelOptions.Default);
        Assert.All(Enumerable.Range(0, 64), _ => Assert.True(runtime.BusyReaders.TryEnter()));

        Assert.False(runtime.BusyReaders.TryEnter());
        Assert.Equal(64, runtime.BusyReaders.Taken);
    }
}
