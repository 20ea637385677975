using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>Which of the scans that wait for one engine comes first.</summary>
[Trait("Speed", "Slow")]
public sealed class ScanPriorityTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task The_higher_priority_is_started_first_and_none_interrupts_another(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(
            way, console => console with { MaxScansPerEngine = 1 });
        using var targets = new ScanTargets();
        ScanRecord running = await targets.HeldAsync(pair);
        ScanPriority[] queued =
            [ScanPriority.Low, ScanPriority.Normal, ScanPriority.High, ScanPriority.Normal, ScanPriority.High];
        List<ScanRecord> scans = queued.Select(priority => Queue(pair, targets, priority)).ToList();

        Assert.Equal(1, (await targets.CompletedAsync(pair, running)).Attempt);
        Assert.Equal([2, 4, 1, 3, 0], await OrderAsync(pair, scans));
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task One_of_low_priority_that_waited_long_enough_goes_before_a_newer_high_one(
        CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(
            way,
            console => console with { MaxScansPerEngine = 1, PriorityStep = TimeSpan.FromMinutes(10) });
        using var targets = new ScanTargets();
        ScanRecord running = await targets.HeldAsync(pair);
        List<ScanRecord> scans =
        [
            Queue(pair, targets, ScanPriority.High),
            Queue(pair, targets, ScanPriority.Normal),
            Queue(pair, targets, ScanPriority.Low),
            Queue(pair, targets, ScanPriority.Low),
        ];
        Waited(2, 21);
        Waited(3, 19);

        await targets.CompletedAsync(pair, running);
        Assert.Equal([2, 0, 3, 1], await OrderAsync(pair, scans));

        void Waited(int scan, int minutes) => pair.Console.Store.UpdateScan(
            scans[scan].ScanId, now => now with { Queued = now.Queued.AddMinutes(-minutes) });
    }

    private static ScanRecord Queue(NodePair pair, ScanTargets targets, ScanPriority priority) =>
        pair.Console.Scans.Add(pair.PairingId, targets.Short, new ScanTerms { Priority = priority });

    private static async Task<IEnumerable<int>> OrderAsync(NodePair pair, List<ScanRecord> scans)
    {
        var done = new List<(int Index, DateTimeOffset? Started)>();
        for (int i = 0; i < scans.Count; i++)
        {
            ScanRecord scan = await pair.Console.Scans.WaitAsync(
                scans[i].ScanId, NodePair.Patience, null, CancellationToken.None);
            Assert.Equal(ScanState.Completed, scan.State);
            done.Add((i, scan.Started));
        }

        return done.OrderBy(scan => scan.Started).Select(scan => scan.Index);
    }
}
