using ScanEngineAdmin.Channel.Tests.Support;

namespace ScanEngineAdmin.Channel.Tests;

public sealed class CancelledWriteTests
{
    /// <summary>The cancelling is met under the writer's lock, where nothing may be written.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_write_that_is_cancelled_as_it_begins_holds_nobody_up_while_requests_wait(bool dialled)
    {
        for (int round = 0; round < 20; round++)
        {
            await using Pair pair = Pair.InMemory(dialled, new ChannelOptions { MaxRequestsOut = 1 });
            pair.RightPeer.OnStream = static (_, _, token) => Task.Delay(Timeout.Infinite, token);
            pair.RightPeer.OnRequest = static async (_, _, _, token) =>
            {
                await Task.Delay(Timeout.Infinite, token);
                return default;
            };
            await using ChannelStream stream = await OpenAsync(pair.Left);
            using var tear = new CancellationTokenSource();
            using var giveUp = new CancellationTokenSource();
            Task sent = pair.Left.RequestAsync(1, default, giveUp.Token).AsTask();
            Task waits = pair.Left.RequestAsync(1, default, default).AsTask();
            Task written = Task.CompletedTask;
            var writing = new Thread(() => written = stream.WriteAsync(new byte[1024 * 1024], tear.Token).AsTask());
            var cancelling = new Thread(giveUp.Cancel);
            lock (pair.Left.Writer.Gate)
            {
                foreach (Thread thread in (Thread[])[writing, cancelling])
                {
                    thread.IsBackground = true;
                    thread.Start();
                    Assert.True(SpinWait.SpinUntil(
                        () => thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin), Wait.Bound));
                }

                tear.Cancel();
            }

            Assert.True(writing.Join(Wait.Bound) && cancelling.Join(Wait.Bound), "They wait for each other.");
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => written.WaitAsync(Wait.Bound));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sent.WaitAsync(Wait.Bound));
            Assert.False(waits.IsCompleted);
        }
    }

    /// <summary>One whose peer has given credit: of the next write a part leaves at once.</summary>
    private static async Task<ChannelStream> OpenAsync(PeerChannel channel)
    {
        ChannelStream stream = await channel.OpenStreamAsync(1, default, default).AsTask().WaitAsync(Wait.Bound);
        await stream.WriteAsync(new byte[1], default).AsTask().WaitAsync(Wait.Bound);
        return stream;
    }
}
