using System.Diagnostics;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Core.Tests.Nodes;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Tests.Security;

/// <summary>An engine that polls without end hears the last answer, and costs its console's store little.</summary>
[Trait("Speed", "Slow")]
public sealed class PollPaceTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Polls_without_end_are_answered_and_few_of_them_look_at_the_store(CommunicationDirection way)
    {
        const int polls = 4_000;
        await using NodePair pair = await NodePair.ActiveAsync(way);
        WatchedStores stores = await pair.WatchAsync();
        await pair.StopEngineAsync();
        await using PlayedEngine engine = await PlayedEngine.StartAsync(pair, way, terms: true, (_, _) => []);
        await pair.ActiveAsync();
        PeerChannel channel = await engine.OpenedAsync();
        int looks = 0;
        stores.OnConsole = (member, _) =>
        {
            if (member == nameof(IConsoleStore.ListScans))
            {
                Interlocked.Increment(ref looks);
            }
        };

        var watch = Stopwatch.StartNew();
        for (int i = 0; i < polls; i += 100)
        {
            await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => channel.AskAsync<PollReply>(
                Methods.Poll, new PollRequest { IntervalSeconds = 1, RunningScans = 0 }, CancellationToken.None)))
                .WaitAsync(NodePair.Patience);
        }

        // The console itself looks as often as its check of the store tells it to; the slower the machine, the more.
        double own = watch.Elapsed / pair.ConsoleOptions.StoreCheck;
        Assert.InRange(looks, 1, (polls / 4) + (10 * own));
    }
}
