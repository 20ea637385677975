using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>A scan that rests is nobody's, loses nothing, and goes on at the unit where it was.</summary>
[Trait("Speed", "Slow")]
public sealed class ScanSuspendTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_suspended_scan_frees_its_engine_and_goes_on_where_it_was(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way, console => console with { MaxScansPerEngine = 1 });
        using var targets = new ScanTargets();
        ScanRecord rests = await SuspendedAsync(pair, targets);
        Assert.Equal((ScanCause.SuspendedByUser, null), (rests.Cause, rests.Finished));
        Assert.Equal(rests.FindingCount, rests.Cursor);

        using var others = new ScanTargets();
        await others.RunAsync(pair);
        Assert.Equal(rests, pair.Console.Store.GetScan(rests.ScanId)! with { Request = rests.Request });

        await GoesOnAsync(pair, targets, rests);
        string[] events = pair.Events();
        Assert.Contains("ScanSuspended", events);
        Assert.Contains("ScanResumed", events);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task It_rests_through_restarts_of_both_and_a_change_of_direction(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord rests = await SuspendedAsync(pair, targets);

        await pair.StopEngineAsync();
        await pair.StartEngineAsync();
        await pair.StopConsoleAsync();
        await pair.StartConsoleAsync();
        await pair.ActiveAsync();
        await pair.ChangeAsync(pair.Request(Ways.Other(way)));
        await pair.AgreedAsync(Ways.Other(way));
        Assert.Equal(ScanState.Suspended, pair.Console.Store.GetScan(rests.ScanId)!.State);

        await GoesOnAsync(pair, targets, rests);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task One_that_is_suspended_while_its_engine_is_cut_off_rests_when_it_is_back(
        CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord scan = await targets.HeldAsync(pair);
        pair.On(way).Block();
        await pair.UntilScanAsync(scan.ScanId, now => now.Cause == ScanCause.LinkLost);
        ScanRecord asked = pair.Console.Scans.Suspend(scan.ScanId);
        Assert.Equal((ScanState.Running, ScanSuspension.Asked), (asked.State, asked.Suspension));

        // Both begin anew: what was asked for is in the store, and the engine's place in its own.
        await pair.StopEngineAsync();
        await pair.StopConsoleAsync();
        await pair.StartConsoleAsync();
        await pair.StartEngineAsync();
        pair.On(way).Unblock();

        ScanRecord rests = await pair.UntilScanAsync(scan.ScanId, now => now.State == ScanState.Suspended);
        await GoesOnAsync(pair, targets, rests);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task One_that_is_resumed_before_its_engine_heard_of_the_rest_just_runs(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord scan = await targets.HeldAsync(pair);
        pair.On(way).Block();
        await pair.UntilScanAsync(scan.ScanId, now => now.Cause == ScanCause.LinkLost);
        pair.Console.Scans.Suspend(scan.ScanId);
        ScanRecord back = pair.Console.Scans.Resume(scan.ScanId);
        Assert.Equal((ScanState.Running, ScanSuspension.Ended), (back.State, back.Suspension));
        pair.On(way).Unblock();

        Assert.Equal(1, (await targets.CompletedAsync(pair, scan)).Attempt);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task One_that_is_resumed_while_its_engine_ends_the_attempt_is_queued_at_once(
        CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        await pair.StopEngineAsync();
        var asked = new TaskCompletionSource();
        var resumed = new TaskCompletionSource();
        await using PlayedEngine engine = await PlayedEngine.StartAsync(
            pair,
            way,
            terms: true,
            (start, plan) => start.Attempt == 1
                ? [PlayedEngine.Batch(plan, 1, 0, 9)]
                : [PlayedEngine.Batch(plan, 1, 9, plan.Units) with { Final = ScanState.Completed }],
            plan =>
            {
                asked.TrySetResult();
                resumed.Task.Wait(NodePair.Patience);
                return PlayedEngine.Batch(plan, 2, 9, 9) with { Final = ScanState.Stopped };
            });
        ScanRecord scan = pair.Console.Scans.Add(pair.PairingId, targets.Short);
        await pair.UntilScanAsync(scan.ScanId, now => now.Cursor == 9);
        pair.Console.Scans.Suspend(scan.ScanId);
        await asked.Task.WaitAsync(NodePair.Patience);
        ScanRecord ended = pair.Console.Scans.Resume(scan.ScanId);
        resumed.SetResult();

        ScanRecord done = await pair.EndAsync(scan.ScanId);
        Assert.Equal((1, ScanState.Completed, 2), (ended.Attempt, done.State, done.Attempt));
        Assert.Equal(done.FindingCount, pair.Console.Store.ReadFindings(scan.ScanId).Count());
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task An_engine_of_before_is_stopped_in_its_own_words(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        await pair.StopEngineAsync();
        await using PlayedEngine older = await PlayedEngine.StartAsync(
            pair,
            way,
            terms: false,
            (start, plan) => start.Attempt == 1
                ? [PlayedEngine.Batch(plan, 1, 0, 9)]
                : [PlayedEngine.Batch(plan, 1, 0, plan.Units) with { Final = ScanState.Completed }],
            plan => PlayedEngine.Batch(plan, 2, 9, 9) with { Final = ScanState.Stopped });
        ScanRecord scan = pair.Console.Scans.Add(pair.PairingId, targets.Short);
        await pair.UntilScanAsync(scan.ScanId, now => now.Cursor == 9);

        pair.Console.Scans.Suspend(scan.ScanId);
        ScanRecord rests = await pair.UntilScanAsync(scan.ScanId, now => now.State == ScanState.Suspended);
        Assert.Equal((9L, 9L), (rests.Cursor, rests.FindingCount));
        Assert.Equal(["scanId", "attempt"], older.Asked);

        // It begins anew, and nothing is stored twice.
        pair.Console.Scans.Resume(scan.ScanId);
        ScanRecord done = await pair.EndAsync(scan.ScanId);
        Assert.Equal(ScanState.Completed, done.State);
        Assert.Equal(done.FindingCount, pair.Console.Store.ReadFindings(scan.ScanId).Count());
        Assert.DoesNotContain("lease", older.Members);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_queued_one_rests_at_once_and_can_be_stopped_or_run_out_of_time(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        await pair.StopConsoleAsync();
        ScanRecord stopped = pair.Console.Scans.Add(pair.PairingId, targets.Short);
        ScanRecord late = pair.Console.Scans.Add(
            pair.PairingId,
            targets.Short,
            new Domain.Scans.ScanTerms { Deadline = DateTimeOffset.UtcNow.AddSeconds(3) });
        Assert.Equal(ScanState.Suspended, pair.Console.Scans.Suspend(stopped.ScanId).State);
        Assert.Equal(ScanState.Suspended, pair.Console.Scans.Suspend(late.ScanId).State);
        Assert.Equal(ScanState.Suspended, pair.Console.Scans.Suspend(late.ScanId).State);
        await pair.StartConsoleAsync();

        Assert.Equal(ScanState.Stopped, pair.Console.Scans.Stop(stopped.ScanId).State);
        ScanRecord over = await pair.EndAsync(late.ScanId);
        Assert.Equal((ScanState.Failed, ScanCause.DeadlinePassed), (over.State, over.Cause));
        Assert.Equal(
            FaultCode.ScanNotSuspendable,
            Assert.Throws<ScanEngineException>(() => pair.Console.Scans.Suspend(late.ScanId)).Code);
        pair.Console.Scans.Resume(late.ScanId, DateTimeOffset.UtcNow.AddMinutes(5));
        await targets.CompletedAsync(pair, late);
    }

    private static async Task<ScanRecord> SuspendedAsync(NodePair pair, ScanTargets targets)
    {
        ScanRecord scan = pair.Console.Scans.Add(pair.PairingId, targets.Held(1.5));
        await pair.UntilScanAsync(scan.ScanId, now => now.Cursor >= 60);
        pair.Console.Scans.Suspend(scan.ScanId);
        ScanRecord rests = await pair.UntilScanAsync(scan.ScanId, now => now.State == ScanState.Suspended);
        await pair.UntilEngineStoreAsync(() => pair.Engine.Store.ListScans(), left => left.Count == 0);
        return rests;
    }

    private static async Task GoesOnAsync(NodePair pair, ScanTargets targets, ScanRecord rests)
    {
        int attempt = rests.Attempt + 1;
        ScanRecord resumed = pair.Console.Scans.Resume(rests.ScanId);
        Assert.Equal(
            (ScanState.Queued, ScanCause.None, ScanCause.SuspendedByUser),
            (resumed.State, resumed.Cause, resumed.LastInterruption));
        IReadOnlyList<EngineScanRecord> taken = await pair.UntilEngineStoreAsync(
            () => pair.Engine.Store.ListScans(pair.PairingId),
            scans => scans.Any(scan => scan.ScanId == rests.ScanId && scan.Attempt == attempt));
        Assert.InRange(taken.Single(scan => scan.ScanId == rests.ScanId).Cursor, rests.Cursor, long.MaxValue);

        ScanRecord done = await targets.CompletedAsync(pair, resumed);
        Assert.Equal((attempt, true), (done.Attempt, done.Cursor == done.FindingCount));
    }
}
