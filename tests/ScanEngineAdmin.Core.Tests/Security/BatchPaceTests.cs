using System.Diagnostics;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Plan;

namespace ScanEngineAdmin.Core.Tests.Security;

/// <summary>A hostile engine sends batches without end that bring nothing: each would be a write of the store.</summary>
[Trait("Speed", "Slow")]
public sealed class BatchPaceTests
{
    private const int Empty = 120;

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Batches_without_a_new_finding_wait(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        await pair.StopEngineAsync();
        TimeSpan took = TimeSpan.Zero;
        await using PlayedEngine engine = await PlayedEngine.StartAsync(
            pair, way, terms: true, (_, plan) => Batches(plan, all => took = all));
        await engine.OpenedAsync();

        ScanRecord scan = pair.Console.Scans.Add(
            pair.PairingId, new ScanRequest { Targets = ["127.0.0.1"], Ports = "1-9" });

        ScanRecord done = await pair.EndAsync(scan.ScanId);
        Assert.Equal((ScanState.Completed, 9), (done.State, (int)done.FindingCount));

        // A fifth of a second's worth may come at once.
        double paced = Empty - 1 - (ScanDataReceiver.EmptyBatchesPerSecond / 5.0);
        Assert.InRange(
            took, TimeSpan.FromSeconds(paced / ScanDataReceiver.EmptyBatchesPerSecond), NodePair.Patience);
    }

    /// <summary>The first brings a finding, and so does the last; between them come repetitions and empty ones.</summary>
    private static IEnumerable<ScanBatch> Batches(ScanPlan plan, Action<TimeSpan> took)
    {
        yield return PlayedEngine.Batch(plan, 1, 0, 1);
        long began = Stopwatch.GetTimestamp();
        for (int number = 2; number < 2 + Empty; number++)
        {
            yield return PlayedEngine.Batch(plan, number, number % 2, 1);
        }

        took(Stopwatch.GetElapsedTime(began));
        yield return PlayedEngine.Batch(plan, 2 + Empty, 1, plan.Units) with { Final = ScanState.Completed };
    }
}
