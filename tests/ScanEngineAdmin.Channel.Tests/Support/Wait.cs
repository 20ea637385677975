namespace ScanEngineAdmin.Channel.Tests.Support;

internal static class Wait
{
    // For what hangs only: a busy machine may let one test of many in parallel wait for most of a minute.
    public static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    /// <summary>Gives other threads their turn until something has become true.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > Bound)
            {
                throw new TimeoutException($"Not within {Bound.TotalSeconds} s: {what}");
            }

            await Task.Yield();
        }
    }

    public static async Task<ChannelException> FailsAsync(ChannelFault fault, Func<Task> action)
    {
        ChannelException e = await Assert.ThrowsAsync<ChannelException>(() => action().WaitAsync(Bound));
        Assert.Equal(fault, e.Fault);
        Assert.Equal(ChannelStage.Open, e.Stage);
        Assert.Equal("127.0.0.1:40814", e.EndPoint);
        return e;
    }

    public static async Task<ChannelException> EndsWithAsync(PeerChannel channel, ChannelFault fault)
    {
        await channel.Completion.WaitAsync(Bound);
        Assert.NotNull(channel.Fault);
        Assert.Equal(fault, channel.Fault.Fault);
        Assert.Equal(ChannelStage.Open, channel.Fault.Stage);
        return channel.Fault;
    }

    public static async Task<byte[]> ReadAllAsync(ChannelStream stream, int chunk = 64 * 1024)
    {
        using var all = new MemoryStream();
        byte[] buffer = new byte[chunk];
        int n;
        while ((n = await stream.ReadAsync(buffer, default).AsTask().WaitAsync(Bound)) > 0)
        {
            all.Write(buffer, 0, n);
        }

        return all.ToArray();
    }
}
