using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Plan;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>A host name that had no address is left out aloud, and a resume looks it up again.</summary>
[Trait("Speed", "Slow")]
public sealed class ScanNamesTests
{
    private static readonly ScanRequest Named = new()
    {
        Targets = ["127.0.0.2", "one.example", "two.example"],
        Ports = "2001-2010",
    };

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_name_that_was_left_out_is_looked_up_again_by_every_resume(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        pair.Engine.SetPolicy(new TargetPolicy { Deny = ["127.0.0.1", "::1"] });
        ScanRecord scan = pair.Console.Scans.Add(
            pair.PairingId, Named with { Targets = ["127.0.0.2", "localhost"] });

        ScanRecord first = await pair.EndAsync(scan.ScanId);
        Assert.Equal((ScanState.Completed, 10L), (first.State, first.FindingCount));
        Assert.Contains("localhost", first.Detail, StringComparison.Ordinal);
        Assert.Contains("10 attempts were not made", first.Detail, StringComparison.Ordinal);

        pair.Console.Scans.Resume(scan.ScanId);
        ScanRecord second = await pair.EndAsync(scan.ScanId);
        Assert.Equal(
            (ScanState.Completed, 10L, 2, first.Detail),
            (second.State, second.FindingCount, second.Attempt, second.Detail));

        pair.Engine.SetPolicy(new TargetPolicy());
        pair.Console.Scans.Resume(scan.ScanId);
        ScanRecord third = await pair.EndAsync(scan.ScanId);
        Assert.Equal(
            (ScanState.Completed, 20L, 3, string.Empty, 0),
            (third.State, third.FindingCount, third.Attempt, third.Detail, third.Interruptions));
        Assert.Equal(Units(0, 20), Found(pair, scan));
        Assert.Equal(
            FaultCode.ScanNotResumable,
            Assert.Throws<ScanEngineException>(() => pair.Console.Scans.Resume(scan.ScanId)).Code);
    }

    /// <summary>
    /// As of an engine that was restarted: the name had no address before, and has one now. Of the one behind it all is
    /// stored, and is not stored twice.
    /// </summary>
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_completed_scan_that_lacks_a_name_says_so_although_the_engine_does_not(
        CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        await pair.StopEngineAsync();
        var from = new List<long?>();
        await using PlayedEngine engine = await PlayedEngine.StartAsync(pair, way, terms: true, (start, plan) =>
        {
            from.Add(start.FromUnit);
            long[] units = start.Attempt == 1 ? [.. Units(0, 10), .. Units(20, 30)] : [.. Units(10, 30)];
            return [Batch(plan, units, 30) with { Final = ScanState.Completed }];
        });
        ScanRecord scan = pair.Console.Scans.Add(pair.PairingId, Named);

        ScanRecord first = await pair.EndAsync(scan.ScanId);
        Assert.Equal((ScanState.Completed, 20L), (first.State, first.FindingCount));
        Assert.StartsWith("10 attempts were not made", first.Detail, StringComparison.Ordinal);

        ScanRecord resumed = pair.Console.Scans.Resume(scan.ScanId);
        Assert.Equal((10L, 1L, 20L), (resumed.Cursor, resumed.TargetsDone, resumed.FindingCount));
        ScanRecord second = await pair.EndAsync(scan.ScanId);
        Assert.Equal(
            (ScanState.Completed, 30L, 3L, string.Empty),
            (second.State, second.FindingCount, second.TargetsDone, second.Detail));
        Assert.Equal(Units(0, 30), Found(pair, scan));
        Assert.Equal([null, 10L], from);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task One_that_failed_behind_a_name_begins_at_that_name(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        await pair.StopEngineAsync();
        var from = new List<long?>();
        await using PlayedEngine engine = await PlayedEngine.StartAsync(pair, way, terms: true, (start, plan) =>
        {
            from.Add(start.FromUnit);
            return
            [
                start.Attempt == 1
                    ? Batch(plan, [.. Units(0, 10), .. Units(20, 24)], 22) with
                    {
                        Final = ScanState.Failed, Detail = "no ports",
                    }
                    : Batch(plan, [.. Units(10, 30)], 30) with { Final = ScanState.Completed },
            ];
        });
        ScanRecord scan = pair.Console.Scans.Add(pair.PairingId, Named, new ScanTerms { MaxAttempts = 1 });
        Assert.Equal(ScanCause.EngineFailed, (await pair.EndAsync(scan.ScanId)).Cause);

        pair.Console.Scans.Resume(scan.ScanId);

        ScanRecord done = await pair.EndAsync(scan.ScanId);
        Assert.Equal((ScanState.Completed, 30L, string.Empty), (done.State, done.FindingCount, done.Detail));
        Assert.Equal(Units(0, 30), Found(pair, scan));
        Assert.Equal([null, 10L], from);
    }

    private static IEnumerable<long> Units(int from, int upTo) =>
        Enumerable.Range(from, upTo - from).Select(unit => (long)unit);

    private static IEnumerable<long> Found(NodePair pair, ScanRecord scan) =>
        pair.Console.Store.ReadFindings(scan.ScanId).Select(finding => finding.Unit);

    private static ScanBatch Batch(ScanPlan plan, long[] units, long cursor) => new()
    {
        Number = 1,
        Findings = Array.ConvertAll(units, unit => new Finding(
            unit, plan.Targets[unit / 10], plan.Ports[(int)(unit % 10)], PortState.Closed, null, null)),
        Cursor = cursor,
        TargetsTotal = 3,
        TargetsDone = cursor / 10,
    };
}
