using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Plan;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>
/// One scan that two engines share, one of either direction: whatever happens to them, each unit is found once, and to
/// the admin it is one scan.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class PooledScanTests
{
    private const string Second = "lab-2";
    private const int Ports = 5;
    private const int Targets = 64;

    /// <summary>An engine has a part so long in these tests; a real one has it a minute at least.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(2);

    private readonly ScanRequest _request = new()
    {
        Targets = ["127.77.0.0/26"],
        Ports = "2000-2004",
        Timeout = TimeSpan.FromSeconds(30),
    };

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Engines_of_both_directions_share_one_scan(CommunicationDirection way)
    {
        await using NodePair pair = await PairAsync(way);
        await using PoolMemberNode second = await PoolMemberNode.StartAsync(pair, Second, Ways.Other(way));

        ScanRecord scan = Start(pair, second, _request with { MaxRate = 200 });

        ScanRecord done = await CompletedAsync(pair, scan);
        Assert.Equal((string.Empty, ScanCause.None), (done.Detail, done.Cause));
        Assert.Equal([NodePair.Name, Second], FoundBy(pair, scan));
        IReadOnlyList<ScanPart> parts = Parts(pair, scan);
        Assert.All(parts, part => Assert.InRange(part.MaxRate, 1, 100));
        Assert.True(parts.Count > 4, $"{parts.Count} parts.");
        Assert.Equal([scan.ScanId], pair.Console.Store.ListScans().Select(one => one.ScanId));
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task The_part_of_an_engine_that_stays_away_goes_to_another_and_its_late_data_is_refused(
        CommunicationDirection way)
    {
        await using NodePair pair = await PairAsync(way, margin: TimeSpan.FromSeconds(8));
        await using PoolMemberNode second = await PoolMemberNode.StartAsync(pair, Second, Ways.Other(way));
        ScanRecord scan = Start(pair, second, _request with { MaxRate = 20 });
        var scans = new TaskCompletionSource<bool>();
        pair.Logged = entry =>
        {
            if (entry.Event == "ScanPartWithdrawn")
            {
                scans.TrySetResult(second.Admin.Store.ListScans().Any(left => left.State == ScanState.Running));
            }
        };

        // It scans on and spools, until its time is over: before another is given what it has.
        await StaysAwayAsync(pair, scan, second);
        Assert.False(await scans.Task.WaitAsync(NodePair.Patience));
        await CompletedAsync(pair, scan);
        second.ToEngine.Unblock();
        second.ToConsole.Unblock();

        // What it has is refused, and dropped there.
        await pair.UntilEngineStoreAsync(() => second.Admin.Store.ListScans(), left => left.Count == 0);
        await CompletedAsync(pair, scan);
        Assert.Contains(
            Parts(pair, scan), part => part is { State: ScanState.Stopped, Cause: ScanCause.LinkLost });
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Both_sides_begin_anew_in_the_midst_and_a_member_turns_around(CommunicationDirection way)
    {
        await using NodePair pair = await PairAsync(way, margin: TimeSpan.FromMinutes(5));
        await using PoolMemberNode second = await PoolMemberNode.StartAsync(pair, Second, way);
        ScanRecord scan = Start(pair, second, _request with { MaxRate = 60 }, TimeSpan.FromMinutes(5));
        await HasPartAsync(pair, scan, second.PairingId);

        await second.StopAsync();
        await pair.StopConsoleAsync();
        await pair.StartConsoleAsync();
        await second.StartAsync();
        await pair.ActiveAsync();
        await pair.ChangeAsync(pair.Request(Ways.Other(way)));

        ScanRecord done = await CompletedAsync(pair, scan);
        Assert.Equal((1, scan.Queued), (done.Attempt, done.Queued));
        Assert.DoesNotContain(Parts(pair, scan), part => part.Cause == ScanCause.LinkLost);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_stop_a_rest_and_a_resume_hold_for_the_whole(CommunicationDirection way)
    {
        await using NodePair pair = await PairAsync(way);
        await using PoolMemberNode second = await PoolMemberNode.StartAsync(pair, Second, Ways.Other(way));
        ScanRecord scan = Start(pair, second, _request with { MaxRate = 60 });
        await HasPartAsync(pair, scan, second.PairingId);

        pair.Console.Scans.Suspend(scan.ScanId);
        ScanRecord rests = await pair.UntilScanAsync(scan.ScanId, now => now.State == ScanState.Suspended);
        Assert.DoesNotContain(Parts(pair, scan), part => part.IsOpen);
        await pair.UntilEngineStoreAsync(() => pair.Engine.Store.ListScans(), left => left.Count == 0);
        await pair.UntilEngineStoreAsync(() => second.Admin.Store.ListScans(), left => left.Count == 0);
        Assert.Equal(rests.FindingCount, pair.Console.Store.GetScan(scan.ScanId)!.FindingCount);

        pair.Console.Scans.Resume(scan.ScanId);
        await pair.UntilScanAsync(scan.ScanId, now => now.FindingCount > rests.FindingCount);
        pair.Console.Scans.Stop(scan.ScanId);
        ScanRecord stopped = await pair.EndAsync(scan.ScanId);
        Assert.Equal((ScanState.Stopped, ScanCause.StoppedByUser), (stopped.State, stopped.Cause));
        Assert.DoesNotContain(Parts(pair, scan), part => part.IsOpen);

        pair.Console.Scans.Resume(scan.ScanId);
        Assert.Equal(2, (await CompletedAsync(pair, scan)).Attempt);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task What_one_engine_may_not_scan_another_does_and_what_none_may_is_said(CommunicationDirection way)
    {
        await using NodePair pair = await PairAsync(way);
        await using PoolMemberNode second = await PoolMemberNode.StartAsync(pair, Second, Ways.Other(way));
        pair.Engine.SetPolicy(new TargetPolicy { Deny = ["127.77.0.7", "127.77.0.20"] });
        second.Admin.SetPolicy(new TargetPolicy { Deny = ["127.77.0.20", "127.77.0.40-127.77.0.41"] });

        ScanRecord scan = Start(pair, second, _request);

        ScanRecord failed = await pair.EndAsync(scan.ScanId);
        Assert.Equal((ScanState.Failed, ScanCause.Refused), (failed.State, failed.Cause));
        Assert.StartsWith($"{Ports} attempts were not made", failed.Detail, StringComparison.Ordinal);
        Assert.Contains("refused", failed.Detail, StringComparison.Ordinal);
        AssertUnits(pair, scan, unit => unit / Ports != 20);

        // Once it may be scanned the rest is, and nothing else again.
        pair.Engine.SetPolicy(new TargetPolicy());
        pair.Console.Scans.Resume(scan.ScanId);
        await CompletedAsync(pair, scan);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task An_engine_that_is_unregistered_leaves_what_it_found(CommunicationDirection way)
    {
        await using NodePair pair = await PairAsync(way);
        await using PoolMemberNode second = await PoolMemberNode.StartAsync(pair, Second, Ways.Other(way));
        ScanRecord scan = Start(pair, second, _request with { MaxRate = 60 });
        await HasPartAsync(pair, scan, second.PairingId);
        await pair.UntilConsoleStoreAsync(() => FoundBy(pair, scan), names => names.Contains(Second));

        pair.Console.UnregisterEngine(second.PairingId);

        await CompletedAsync(pair, scan);
        Assert.Equal([NodePair.Name, Second], FoundBy(pair, scan));
        Assert.Empty(pair.Console.Store.ListScans(second.PairingId));
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task One_that_leaves_the_pool_finishes_its_part_and_one_that_joins_takes_part(
        CommunicationDirection way)
    {
        await using NodePair pair = await PairAsync(way);
        await using PoolMemberNode second = await PoolMemberNode.StartAsync(pair, Second, Ways.Other(way));
        EnginePool pool = Pool(pair, [pair.PairingId]);
        ScanRecord scan = pair.Console.Scans.AddToPool(pool, _request with { MaxRate = 60 });
        await HasPartAsync(pair, scan, pair.PairingId);

        pair.Console.Store.UpdatePool(pool.PoolId, now => now, [second.PairingId], [pair.PairingId]);
        pair.Console.Pools.Set(pair.Console.Store.FindPool("dmz")!, "zone", null, [], []);

        ScanRecord done = await CompletedAsync(pair, scan);
        Assert.Equal("zone", done.EngineName);
        Assert.Equal([NodePair.Name, Second], FoundBy(pair, scan));
        pair.Console.Pools.Remove(pair.Console.Store.FindPool("zone")!);
        Assert.Null(pair.Console.Store.FindPool("zone"));
        Assert.Equal(done.FindingCount, pair.Console.Store.ReadFindings(scan.ScanId).Count());
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_deadline_ends_the_whole_and_a_removed_scan_leaves_nothing(CommunicationDirection way)
    {
        await using NodePair pair = await PairAsync(way);
        await using PoolMemberNode second = await PoolMemberNode.StartAsync(pair, Second, Ways.Other(way));
        EnginePool pool = Pool(pair, [pair.PairingId, second.PairingId]);
        ScanRecord scan = pair.Console.Scans.AddToPool(
            pool,
            _request with { MaxRate = 10 },
            new Domain.Scans.ScanTerms { Deadline = DateTimeOffset.UtcNow.AddSeconds(4) });
        Assert.Equal(
            FaultCode.PoolInUse,
            Assert.Throws<ScanEngineException>(() => pair.Console.Pools.Remove(pool)).Code);

        ScanRecord over = await pair.EndAsync(scan.ScanId);
        Assert.Equal((ScanState.Failed, ScanCause.DeadlinePassed), (over.State, over.Cause));

        ScanRecord other = pair.Console.Scans.AddToPool(pool, _request with { MaxRate = 10 });
        await HasPartAsync(pair, other, second.PairingId);
        pair.Console.Scans.Remove(other.ScanId, unfinished: true);
        await pair.UntilEngineStoreAsync(() => pair.Engine.Store.ListScans(), left => left.Count == 0);
        await pair.UntilEngineStoreAsync(() => second.Admin.Store.ListScans(), left => left.Count == 0);
        Assert.Empty(pair.Console.Store.ListScans(second.PairingId, unfinishedOnly: true));
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_member_that_sends_units_of_others_is_fenced_and_the_scan_completes(CommunicationDirection way)
    {
        await using NodePair pair = await PairAsync(way);
        await using PoolMemberNode second = await PoolMemberNode.StartAsync(pair, Second, Ways.Other(way));
        await pair.StopEngineAsync();
        await using PlayedEngine hostile = await PlayedEngine.StartAsync(pair, way, terms: true, (_, plan) =>
        [
            PlayedEngine.Batch(plan, 1, 0, 1) with
            {
                Findings = [new Finding(plan.Units, "127.77.0.63", 2000, PortState.Open, null, "forged")],
            },
        ], fenced: true);
        await hostile.OpenedAsync();

        ScanRecord scan = Start(pair, second, _request with { MaxRate = 200 });

        await CompletedAsync(pair, scan);
        Assert.Equal([Second], FoundBy(pair, scan));
        Assert.Contains(Parts(pair, scan), part => part.Cause == ScanCause.ProtocolViolation);
    }

    /// <summary>A version before this one may have had other limits.</summary>
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_scan_that_is_none_by_the_limits_of_this_version_is_refused_and_holds_no_other_up(
        CommunicationDirection way)
    {
        await using NodePair pair = await PairAsync(way);
        await using PoolMemberNode second = await PoolMemberNode.StartAsync(pair, Second, Ways.Other(way));
        EnginePool pool = Pool(pair, [pair.PairingId, second.PairingId]);
        var old = new ScanRecord
        {
            ScanId = Guid.NewGuid(),
            PairingId = pool.PoolId,
            EngineName = pool.Name,
            IsPool = true,
            Attempt = 1,
            Request = _request with { Targets = ["no such target!"] },
            State = ScanState.Queued,
            Queued = DateTimeOffset.UtcNow,
            TargetsTotal = 1,
        };
        pair.Console.Store.AddScan(old);

        ScanRecord scan = pair.Console.Scans.AddToPool(pool, _request with { MaxRate = 200 });

        await CompletedAsync(pair, scan);
        ScanRecord refused = await pair.EndAsync(old.ScanId);
        Assert.Equal((ScanState.Failed, ScanCause.Refused), (refused.State, refused.Cause));
        Assert.Contains("limits of this console's version", refused.Detail, StringComparison.Ordinal);
    }

    private static Task<NodePair> PairAsync(CommunicationDirection way, TimeSpan? margin = null) =>
        NodePair.ActiveAsync(
            way, console => console with { LeaseMargin = margin ?? TimeSpan.FromMilliseconds(500) });

    private static ScanRecord Start(NodePair pair, PoolMemberNode second, ScanRequest request, TimeSpan? lease = null) =>
        pair.Console.Scans.AddToPool(Pool(pair, [pair.PairingId, second.PairingId], lease), request);

    private static EnginePool Pool(NodePair pair, Guid[] members, TimeSpan? lease = null)
    {
        var pool = new EnginePool
        {
            PoolId = Guid.NewGuid(),
            Name = "dmz",
            AwayAfter = lease ?? Lease,
            Created = DateTimeOffset.UtcNow,
        };
        pair.Console.Store.AddPool(pool, members);
        return pool;
    }

    private static IReadOnlyList<ScanPart> Parts(NodePair pair, ScanRecord scan) =>
        pair.Console.Store.GetPoolView(scan.ScanId)!.Parts;

    /// <summary>The engine scans, and has delivered some of it.</summary>
    private static async Task HasPartAsync(NodePair pair, ScanRecord scan, Guid engine) =>
        await pair.UntilConsoleStoreAsync(
            () => Parts(pair, scan),
            parts => parts.Any(part => part.PairingId == engine && part.State == ScanState.Running));

    /// <summary>Away with a part: one that is done before the ways are blocked is followed by another.</summary>
    private static async Task StaysAwayAsync(NodePair pair, ScanRecord scan, PoolMemberNode member)
    {
        bool withdrawn = false;
        while (!withdrawn)
        {
            await HasPartAsync(pair, scan, member.PairingId);
            member.ToEngine.Block();
            member.ToConsole.Block();
            await pair.UntilConsoleStoreAsync(
                () => Parts(pair, scan).Where(part => part.PairingId == member.PairingId).ToArray(),
                parts => (withdrawn = parts.Any(part => part.Cause == ScanCause.LinkLost))
                    || !parts.Any(part => part.IsOpen));
            if (!withdrawn)
            {
                member.ToEngine.Unblock();
                member.ToConsole.Unblock();
            }
        }
    }

    private static async Task<ScanRecord> CompletedAsync(NodePair pair, ScanRecord scan)
    {
        ScanRecord done = await pair.EndAsync(scan.ScanId);
        Assert.Equal(ScanState.Completed, done.State);
        AssertUnits(pair, scan, _ => true);
        Assert.Equal((Targets, (long)Targets * Ports), (done.TargetsDone, done.FindingCount));
        return done;
    }

    /// <summary>Each of these once, each with the target and port that it stands for, and no other.</summary>
    private static void AssertUnits(NodePair pair, ScanRecord scan, Func<long, bool> scanned)
    {
        var plan = ScanPlan.Create(scan.Request);
        Assert.Equal(
            Enumerable.Range(0, Targets * Ports).Select(unit => (long)unit).Where(scanned)
                .Select(unit => (unit, plan.Targets[unit / Ports], plan.Ports[(int)(unit % Ports)])),
            pair.Console.Store.ReadFindings(scan.ScanId)
                .Select(finding => (finding.Unit, finding.Target, finding.Port)));
    }

    private static string[] FoundBy(NodePair pair, ScanRecord scan)
    {
        IReadOnlyDictionary<long, string> engines = pair.Console.Store.ListPartEngines(scan.ScanId);
        return [.. pair.Console.Store.ReadFindings(scan.ScanId).Select(finding => engines[finding.Part!.Value])
            .Distinct().Order(StringComparer.Ordinal)];
    }
}
