using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>A scan that is not finished by its deadline ends, wherever it is, and keeps what was found.</summary>
[Trait("Speed", "Slow")]
public sealed class ScanDeadlineTests
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(2);
    private readonly LeapTime _time = new();

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_running_scan_is_stopped_at_its_deadline_and_keeps_its_findings(CommunicationDirection way)
    {
        await using NodePair pair = await ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord scan = Queue(pair, targets.Lasting(120));
        await pair.UntilScanAsync(scan.ScanId, now => now.FindingCount > 0);

        PassDeadline(scan);

        ScanRecord failed = await pair.EndAsync(scan.ScanId);
        AssertOverdue(failed);
        Assert.InRange(failed.FindingCount, 1, 120 * 60);
        Assert.Equal(failed.FindingCount, pair.Console.Store.ReadFindings(scan.ScanId).Count());
        await pair.UntilEngineStoreAsync(() => pair.Engine.Store.ListScans(), left => left.Count == 0);
        await targets.RunAsync(pair);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task An_engine_of_before_that_has_no_bound_of_its_own_is_stopped_by_the_console(
        CommunicationDirection way)
    {
        await using NodePair pair = await ActiveAsync(way);
        using var targets = new ScanTargets();
        await pair.StopEngineAsync();
        await using PlayedEngine engine = await PlayedEngine.StartAsync(
            pair,
            way,
            terms: false,
            (_, plan) => [PlayedEngine.Batch(plan, 1, 0, 9)],
            plan => PlayedEngine.Batch(plan, 2, 9, 15) with { Final = ScanState.Stopped });
        ScanRecord scan = Queue(pair, targets.Short);
        await pair.UntilScanAsync(scan.ScanId, now => now.FindingCount == 9);

        PassDeadline(scan);

        ScanRecord failed = await pair.EndAsync(scan.ScanId);

        AssertOverdue(failed);
        Assert.Equal((15L, 2L), (failed.FindingCount, failed.LastBatch));
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task One_that_is_done_in_time_is_completed(CommunicationDirection way)
    {
        await using NodePair pair = await ActiveAsync(way);
        using var targets = new ScanTargets();

        await targets.CompletedAsync(pair, Queue(pair, targets.Short));
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_scan_that_still_waits_ends_without_being_started(CommunicationDirection way)
    {
        await using NodePair pair = await ActiveAsync(way);
        using var targets = new ScanTargets();
        await pair.StopEngineAsync();
        ScanRecord scan = Queue(pair, targets.Short);

        PassDeadline(scan);

        ScanRecord failed = await pair.EndAsync(scan.ScanId);

        AssertOverdue(failed);
        Assert.Equal((0, null), (failed.Attempt, failed.Started));
        await pair.StartEngineAsync();
        await targets.RunAsync(pair);
        Assert.Equal(failed.Finished, pair.Console.Store.GetScan(scan.ScanId)!.Finished);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task An_engine_that_is_cut_off_stops_by_itself_and_what_it_says_too_late_changes_nothing(
        CommunicationDirection way)
    {
        await using NodePair pair = await ActiveAsync(way, grace: TimeSpan.FromMilliseconds(500));
        using var targets = new ScanTargets();
        ScanRecord scan = Queue(pair, targets.Lasting(120));
        await pair.UntilScanAsync(scan.ScanId, now => now.FindingCount > 0);
        pair.On(way).Block();

        PassDeadline(scan);

        EngineScanRecord atEngine = await pair.UntilEngineStoreAsync(
            () => pair.Engine.Store.GetScan(pair.PairingId, scan.ScanId)!, now => now.State != ScanState.Running);
        Assert.Equal(ScanState.Failed, atEngine.State);
        ScanRecord failed = await pair.EndAsync(scan.ScanId);
        AssertOverdue(failed);

        pair.On(way).Unblock();
        await pair.UntilEngineStoreAsync(() => pair.Engine.Store.ListScans(), left => left.Count == 0);
        ScanRecord after = pair.Console.Store.GetScan(scan.ScanId)!;
        Assert.Equal(
            (failed.State, failed.FindingCount, failed.Finished), (after.State, after.FindingCount, after.Finished));
        Assert.Equal(failed.FindingCount, pair.Console.Store.ReadFindings(scan.ScanId).Count());
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task What_was_left_out_at_the_deadline_is_told_and_scanned_by_a_resume(CommunicationDirection way)
    {
        await using NodePair pair = await ActiveAsync(way, grace: TimeSpan.FromMilliseconds(300));
        using var targets = new ScanTargets();
        ScanRecord scan = Queue(pair, targets.Held());
        await pair.UntilScanAsync(scan.ScanId, now => now.FindingCount > 0);
        pair.On(way).Block();

        PassDeadline(scan);

        ScanRecord failed = await pair.EndAsync(scan.ScanId);
        AssertOverdue(failed);
        Assert.Contains($"{failed.FindingCount} findings", failed.Detail, StringComparison.Ordinal);
        Assert.Contains("Resume-EngineScan", failed.Detail, StringComparison.Ordinal);

        // What was acknowledged stays, what the engine found since is dropped there, and nothing is missing at the end.
        pair.On(way).Unblock();
        await pair.UntilEngineStoreAsync(() => pair.Engine.Store.ListScans(), left => left.Count == 0);
        Assert.Equal(failed.FindingCount, pair.Console.Store.ReadFindings(scan.ScanId).Count());
        pair.Console.Scans.Resume(scan.ScanId, _time.GetUtcNow() + Long);
        await targets.CompletedAsync(pair, scan);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task What_an_engine_found_in_time_is_taken_if_it_comes_back_soon_enough(CommunicationDirection way)
    {
        await using NodePair pair = await ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord scan = Queue(pair, targets.Lasting(120));
        await pair.UntilScanAsync(scan.ScanId, now => now.FindingCount > 0);
        pair.On(way).Block();
        await pair.UntilScanAsync(scan.ScanId, now => now.Cause == ScanCause.LinkLost);
        long before = pair.Console.Store.GetScan(scan.ScanId)!.FindingCount;
        await pair.UntilEngineStoreAsync(
            () => pair.Engine.Store.GetScan(pair.PairingId, scan.ScanId)!, now => now.Cursor > before);
        PassDeadline(scan);
        ScanRecord passed = await pair.UntilScanAsync(scan.ScanId, now => now.Cause == ScanCause.DeadlinePassed);
        Assert.Equal(ScanState.Running, passed.State);

        pair.On(way).Unblock();

        ScanRecord failed = await pair.EndAsync(scan.ScanId);
        AssertOverdue(failed);
        Assert.True(failed.FindingCount > before, $"{failed.FindingCount} findings, {before} before the cut.");
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_clock_that_jumps_neither_ends_a_scan_nor_prolongs_it(CommunicationDirection way)
    {
        await using NodePair pair = await ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord completes = Queue(pair, targets.Held(), 2 * Long);
        ScanRecord overdue = Queue(pair, targets.Lasting(120));
        await pair.UntilScanAsync(completes.ScanId, now => now.FindingCount > 0);
        await pair.UntilScanAsync(overdue.ScanId, now => now.FindingCount > 0);

        _time.Jump(TimeSpan.FromDays(2));
        await targets.StepAsync(pair, completes);
        _time.Jump(TimeSpan.FromDays(-4));

        await targets.CompletedAsync(pair, completes);
        _time.Pass(Long);
        AssertOverdue(await pair.EndAsync(overdue.ScanId));
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_stop_that_never_reached_the_engine_is_still_the_users(CommunicationDirection way)
    {
        await using NodePair pair = await ActiveAsync(way, grace: TimeSpan.FromMilliseconds(300));
        using var targets = new ScanTargets();
        ScanRecord scan = Queue(pair, targets.Lasting(120));
        await pair.UntilScanAsync(scan.ScanId, now => now.FindingCount > 0);
        pair.On(way).Block();
        pair.Console.Scans.Stop(scan.ScanId);

        PassDeadline(scan);

        ScanRecord stopped = await pair.EndAsync(scan.ScanId);

        Assert.Equal((ScanState.Stopped, ScanCause.StoppedByUser), (stopped.State, stopped.Cause));
    }

    /// <summary>The time of both nodes is in the test's hand, and no silence ends their channels.</summary>
    private Task<NodePair> ActiveAsync(CommunicationDirection way, TimeSpan? grace = null)
    {
        ChannelOptions Timed(ChannelOptions options) => options with { Time = _time, PeerTimeout = 10 * Long };
        return NodePair.ActiveAsync(
            way,
            console => console with
            {
                DeadlineGrace = grace ?? Long,
                OverdueInterval = console.MaxRetry,
                Channel = Timed(console.Channel),
            },
            engine => engine with { Channel = Timed(engine.Channel) });
    }

    private static ScanRecord Queue(NodePair pair, ScanRequest request, TimeSpan? until = null) =>
        pair.Console.Scans.Add(
            pair.PairingId, request, new ScanTerms { Deadline = DateTimeOffset.UtcNow + (until ?? Long) });

    private void PassDeadline(ScanRecord scan) =>
        _time.Pass(scan.Deadline!.Value - _time.GetUtcNow() + TimeSpan.FromMilliseconds(100));

    private static void AssertOverdue(ScanRecord scan)
    {
        Assert.Equal((ScanState.Failed, ScanCause.DeadlinePassed), (scan.State, scan.Cause));
        Assert.StartsWith("DeadlinePassed: ", scan.Detail, StringComparison.Ordinal);
        Assert.NotNull(scan.Finished);
    }
}
