using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Plan;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>A scan that ended too early goes on where its stored data ends, and finds nothing twice.</summary>
[Trait("Speed", "Slow")]
public sealed class ScanResumeTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_stopped_scan_goes_on_behind_what_is_stored(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord stopped = await StoppedAsync(pair, targets);
        Guid id = stopped.ScanId;

        ScanRecord resumed = pair.Console.Scans.Resume(id);
        Assert.Equal(
            (ScanState.Queued, ScanCause.None, ScanCause.StoppedByUser),
            (resumed.State, resumed.Cause, resumed.LastInterruption));
        Assert.Equal(stopped.FindingCount, resumed.FindingCount);
        EngineScanRecord taken = await pair.UntilEngineStoreAsync(
            () => pair.Engine.Store.ListScans(pair.PairingId), scans => scans is [{ Attempt: 2 }]) is [var one]
            ? one
            : throw new InvalidOperationException();

        // Had it begun at the start, it would be nowhere near.
        Assert.InRange(taken.Cursor, stopped.Cursor, long.MaxValue);
        ScanRecord done = await targets.CompletedAsync(pair, resumed);
        Assert.Equal((2, true), (done.Attempt, done.Cursor == done.FindingCount));
        Assert.Contains(
            pair.Console.Store.ListEvents(100),
            entry => entry.Event == "ScanResumed" && entry.PairingId == pair.PairingId);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_scan_whose_policy_was_mended_goes_on(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        pair.Engine.SetPolicy(new TargetPolicy { Deny = ["127.0.0.0/8"] });
        ScanRecord scan = pair.Console.Scans.Add(pair.PairingId, targets.Short);
        Assert.Equal(ScanCause.Refused, (await pair.EndAsync(scan.ScanId)).Cause);

        pair.Engine.SetPolicy(new TargetPolicy());
        pair.Console.Scans.Resume(scan.ScanId);

        await targets.CompletedAsync(pair, scan);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task One_whose_first_run_still_lives_ends_there_before_it_is_resumed(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord scan = await targets.HeldAsync(pair);
        pair.On(way).Block();
        await pair.UntilScanAsync(scan.ScanId, now => now.Cause == ScanCause.LinkLost);

        // As the console does with one that it cannot reach at its deadline.
        pair.Console.Store.UpdateScan(
            scan.ScanId, now => ScanOutcome.Overdue(now with { Deadline = now.Queued }, DateTimeOffset.UtcNow));
        Assert.Equal(
            FaultCode.DeadlinePassed,
            Assert.Throws<ScanEngineException>(() => pair.Console.Scans.Resume(scan.ScanId)).Code);
        pair.Console.Scans.Resume(scan.ScanId, DateTimeOffset.UtcNow.AddMinutes(5));
        EngineScanRecord first = pair.Engine.Store.GetScan(pair.PairingId, scan.ScanId)!;
        Assert.Equal((ScanState.Running, 1), (first.State, first.Attempt));
        pair.On(way).Unblock();

        ScanRecord done = await targets.CompletedAsync(pair, scan);
        Assert.Equal(2, done.Attempt);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_resumed_scan_can_be_stopped_and_resumed_again_over_the_same_channel(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord stopped = await StoppedAsync(pair, targets);
        pair.Console.Scans.Resume(stopped.ScanId);
        targets.LetOneOn();
        await pair.UntilScanAsync(
            stopped.ScanId, now => now.State == ScanState.Running && now.FindingCount > stopped.FindingCount);

        pair.Console.Scans.Stop(stopped.ScanId);
        ScanRecord again = await pair.EndAsync(stopped.ScanId);
        Assert.Equal((ScanState.Stopped, 2), (again.State, again.Attempt));

        pair.Console.Scans.Resume(stopped.ScanId);
        Assert.Equal(3, (await targets.CompletedAsync(pair, stopped)).Attempt);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task An_engine_of_before_begins_anew_and_nothing_is_stored_twice(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord stopped = await StoppedAsync(pair, targets);
        await pair.StopEngineAsync();
        await using PlayedEngine older = await PlayedEngine.StartAsync(pair, way, terms: false, (_, plan) =>
        [
            PlayedEngine.Batch(plan, 1, 0, 40),
            PlayedEngine.Batch(plan, 2, 40, plan.Units) with { Final = ScanState.Completed },
        ]);

        pair.Console.Scans.Resume(stopped.ScanId, DateTimeOffset.UtcNow.AddMinutes(5));

        ScanRecord done = await pair.EndAsync(stopped.ScanId);
        Assert.Equal((ScanState.Completed, 2), (done.State, done.Attempt));
        long[] units = pair.Console.Store.ReadFindings(stopped.ScanId).Select(finding => finding.Unit).ToArray();
        Assert.Equal(units.Length, done.FindingCount);
        Assert.Equal(Enumerable.Range(0, units.Length).Select(unit => (long)unit), units);
        Assert.DoesNotContain(older.Members, name => name is "fromUnit" or "timeLeftMs");
        Assert.Contains("bannerTimeoutMs", older.Members);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_scan_whose_scanner_failed_is_run_again_by_itself_from_where_its_data_ends(
        CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        await pair.StopEngineAsync();
        var starts = new List<ScanStart>();
        await using PlayedEngine engine = await PlayedEngine.StartAsync(pair, way, terms: true, (start, plan) =>
        {
            starts.Add(start);
            ScanBatch fails = PlayedEngine.Batch(plan, 1, 0, 9) with { Final = ScanState.Failed, Detail = "no ports" };
            ScanBatch ends = PlayedEngine.Batch(plan, 1, 7, plan.Units) with { Final = ScanState.Completed };
            return [start.Attempt == 1 ? fails : ends];
        });

        ScanRecord scan = pair.Console.Scans.Add(
            pair.PairingId, targets.Short, new ScanTerms { Deadline = DateTimeOffset.UtcNow.AddMinutes(5) });

        ScanRecord done = await pair.EndAsync(scan.ScanId);
        Assert.Equal("no ports", done.Detail);
        Assert.Equal(
            (ScanState.Completed, 2, 1, ScanCause.EngineFailed),
            (done.State, done.Attempt, done.Interruptions, done.LastInterruption));
        Assert.Equal(22, done.FindingCount);
        Assert.Equal([null, 9L], starts.Select(start => start.FromUnit));
        Assert.All(starts, start => Assert.InRange(start.TimeLeftMs!.Value, 60_000, 5 * 60_000));
        Assert.True(starts[0].TimeLeftMs > starts[1].TimeLeftMs);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Only_one_that_failed_or_was_stopped_can_be_resumed(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord running = await targets.HeldAsync(pair);
        Assert.Equal(FaultCode.ScanNotResumable, Fault(running.ScanId));
        pair.Console.Scans.Stop(running.ScanId);
        await pair.EndAsync(running.ScanId);

        ScanRecord completed = await targets.RunAsync(pair);
        Assert.Equal(FaultCode.ScanNotResumable, Fault(completed.ScanId));
        Assert.Equal(FaultCode.ScanNotFound, Fault(Guid.NewGuid()));

        FaultCode Fault(Guid id) => Assert.Throws<ScanEngineException>(() => pair.Console.Scans.Resume(id)).Code;
    }

    /// <summary>With enough behind it that a run from the start could not be there at once.</summary>
    private static async Task<ScanRecord> StoppedAsync(NodePair pair, ScanTargets targets)
    {
        ScanRecord scan = pair.Console.Scans.Add(pair.PairingId, targets.Held(2.5));
        await pair.UntilScanAsync(scan.ScanId, now => now.Cursor >= 90);
        pair.Console.Scans.Stop(scan.ScanId);
        ScanRecord stopped = await pair.EndAsync(scan.ScanId);
        Assert.Equal(ScanState.Stopped, stopped.State);
        await pair.UntilEngineStoreAsync(() => pair.Engine.Store.ListScans(), left => left.Count == 0);
        return stopped;
    }
}
