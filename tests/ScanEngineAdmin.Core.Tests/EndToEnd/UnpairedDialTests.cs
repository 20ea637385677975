using System.Collections.Concurrent;
using System.Diagnostics;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Engines;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>A registered engine that nobody has approved yet is asked again, at its time.</summary>
[Trait("Speed", "Slow")]
public sealed class UnpairedDialTests
{
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task An_engine_that_is_not_there_is_dialled_again_after_the_retry_and_not_before()
    {
        await using NodePair pair = await NodePair.StartAsync(
            console => console with { MinRetry = Retry, MaxRetry = Retry });
        await pair.StopEngineAsync();
        var lines = new BlockingCollection<(LogEntry Entry, long At)>();
        pair.Logged = entry => lines.Add((entry, Stopwatch.GetTimestamp()));
        EngineRecord engine = pair.Console.RegisterEngine(NodePair.Name, "127.0.0.1", 1, null);
        pair.Is(engine.PairingId);

        List<long> dials = [];
        await Task.Run(() =>
        {
            using var patience = new CancellationTokenSource(NodePair.Patience);
            foreach ((LogEntry entry, long at) in lines.GetConsumingEnumerable(patience.Token))
            {
                if (entry.Event == "DialFailed")
                {
                    dials.Add(at);
                    if (dials.Count == 6)
                    {
                        return;
                    }
                }
            }
        });

        // Half of the wait is drawn; the timer's own coarseness is what the rest of the tolerance is for.
        TimeSpan taken = Stopwatch.GetElapsedTime(dials[0], dials[^1]);
        Assert.InRange(taken, (dials.Count - 1) * Retry * 0.45, NodePair.Patience);
    }
}
