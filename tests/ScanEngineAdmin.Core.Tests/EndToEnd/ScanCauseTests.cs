using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Tests.Nodes;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>A scan that does not go on, or did not end well, says why: while it lasts, and after.</summary>
[Trait("Speed", "Slow")]
public sealed class ScanCauseTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_lost_link_shows_while_it_lasts_and_after(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord scan = await targets.HeldAsync(pair);
        Assert.Equal(ScanCause.None, pair.Console.Store.GetScan(scan.ScanId)!.Cause);

        pair.On(way).Block();
        ScanRecord cut = await pair.UntilScanAsync(scan.ScanId, now => now.Cause == ScanCause.LinkLost);
        Assert.Equal(ScanState.Running, cut.State);
        Assert.NotNull(cut.CauseSince);
        pair.On(way).Unblock();

        ScanRecord back = await pair.UntilScanAsync(scan.ScanId, now => now.Cause == ScanCause.None);
        Assert.Equal((ScanCause.LinkLost, null), (back.LastInterruption, back.CauseSince));
        ScanRecord done = await targets.CompletedAsync(pair, scan);
        Assert.Equal((ScanCause.None, ScanCause.LinkLost), (done.Cause, done.LastInterruption));
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_restarted_engine_is_told_from_a_lost_link(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord scan = await targets.HeldAsync(pair);

        await pair.StopEngineAsync();
        await pair.UntilScanAsync(scan.ScanId, now => now.Cause == ScanCause.LinkLost);
        await pair.StartEngineAsync();

        ScanRecord done = await targets.CompletedAsync(pair, scan);
        Assert.Equal(
            (ScanCause.None, ScanCause.EngineRestarted, 1), (done.Cause, done.LastInterruption, done.Interruptions));
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_restarted_console_has_lost_the_link_and_not_the_engine(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord scan = await targets.HeldAsync(pair);

        await pair.StopConsoleAsync();
        await pair.StartConsoleAsync();

        ScanRecord done = await targets.CompletedAsync(pair, scan);
        Assert.NotEqual(ScanCause.EngineRestarted, done.LastInterruption);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_scan_that_the_engine_keeps_losing_ends_when_its_attempts_are_used_up(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord scan = pair.Console.Scans.Add(
            pair.PairingId, targets.Lasting(120), new ScanTerms { MaxAttempts = 2 });
        for (int attempt = 1; attempt <= 2; attempt++)
        {
            await pair.UntilScanAsync(
                scan.ScanId, now => now.Attempt == attempt && now.State == ScanState.Running && now.LastBatch > 0);
            await pair.StopEngineAsync();
            pair.Engine.Store.RemoveScan(pair.PairingId, scan.ScanId, attempt: int.MaxValue);
            await pair.StartEngineAsync();
        }

        ScanRecord failed = await pair.EndAsync(scan.ScanId);
        Assert.Equal((ScanState.Failed, ScanCause.RetriesExhausted, 2), (failed.State, failed.Cause, failed.Attempt));
        Assert.Contains("SpoolLost, the last of 2 runs", failed.Detail, StringComparison.Ordinal);
        Assert.Equal(pair.Console.Store.ReadFindings(scan.ScanId).Count(), failed.FindingCount);
        Assert.Empty(pair.Engine.Store.ListScans());
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_scan_that_may_run_once_only_is_not_run_again_when_it_is_lost(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord scan = pair.Console.Scans.Add(
            pair.PairingId, targets.Lasting(120), new ScanTerms { MaxAttempts = 1 });
        await pair.UntilScanAsync(scan.ScanId, now => now.LastBatch > 0);
        await pair.StopEngineAsync();
        pair.Engine.Store.RemoveScan(pair.PairingId, scan.ScanId, attempt: int.MaxValue);
        await pair.StartEngineAsync();

        ScanRecord failed = await pair.EndAsync(scan.ScanId);
        Assert.Equal((ScanState.Failed, ScanCause.SpoolLost, 1), (failed.State, failed.Cause, failed.Attempt));
        Assert.True(failed.FindingCount > 0);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_full_spool_holds_the_scan_in_sight_of_the_admin_and_drops_nothing(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way, engine: Small);
        using var targets = new ScanTargets();
        Fill(pair);
        TaskCompletionSource takes = await SlowAsync(pair);

        ScanRecord scan = pair.Console.Scans.Add(pair.PairingId, targets.Lasting(1));
        ScanRecord held = await pair.UntilScanAsync(scan.ScanId, now => now.Cause == ScanCause.SpoolFull);
        Assert.NotNull(held.CauseSince);
        await pair.LoggedAsync("SpoolFull");
        takes.SetResult();

        ScanRecord done = await targets.CompletedAsync(pair, scan);
        Assert.Equal((ScanCause.None, ScanCause.SpoolFull), (done.Cause, done.LastInterruption));
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_scan_that_is_held_by_a_full_spool_can_be_stopped(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way, engine: Small);
        using var targets = new ScanTargets();
        Fill(pair);
        TaskCompletionSource takes = await SlowAsync(pair);
        ScanRecord scan = pair.Console.Scans.Add(pair.PairingId, targets.Lasting(1));
        await pair.UntilScanAsync(scan.ScanId, now => now.Cause == ScanCause.SpoolFull);

        pair.Console.Scans.Stop(scan.ScanId);
        await pair.UntilEngineStoreAsync(
            () => pair.Engine.Store.GetScan(pair.PairingId, scan.ScanId)!, now => now.StopRequested);
        takes.SetResult();

        ScanRecord stopped = await pair.EndAsync(scan.ScanId);
        Assert.Equal((ScanState.Stopped, ScanCause.StoppedByUser), (stopped.State, stopped.Cause));
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Stopped_by_the_user_and_refused_by_the_engine_say_so(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord scan = await targets.HeldAsync(pair);
        pair.Console.Scans.Stop(scan.ScanId);
        Assert.Equal(ScanCause.StoppedByUser, (await pair.EndAsync(scan.ScanId)).Cause);

        pair.Engine.SetPolicy(new TargetPolicy { Deny = ["127.0.0.0/8"] });
        ScanRecord refused = await pair.EndAsync(pair.Console.Scans.Add(pair.PairingId, targets.Short).ScanId);
        Assert.Equal((ScanState.Failed, ScanCause.Refused, 1), (refused.State, refused.Cause, refused.Attempt));
    }

    [Fact]
    public async Task An_engine_that_floods_the_console_with_notices_is_not_heard_and_touches_no_other_scan()
    {
        const CommunicationDirection Way = CommunicationDirection.EngineToConsole;
        await using NodePair pair = await NodePair.ActiveAsync(Way);
        using var targets = new ScanTargets();
        ScanRecord done = await targets.RunAsync(pair);
        await pair.StopEngineAsync();
        await using PlayedEngine engine = await PlayedEngine.StartAsync(pair, Way, terms: true, (_, _) => []);

        var watch = System.Diagnostics.Stopwatch.StartNew();
        var notice = new ScanHeld { ScanId = done.ScanId, Attempt = done.Attempt, Held = true };
        int heard = await engine.FloodAsync(notice, 2000);

        Assert.InRange(heard, 1, 12 + (50 * watch.Elapsed.TotalSeconds));
        Assert.Equal(done.Cause, pair.Console.Store.GetScan(done.ScanId)!.Cause);
    }

    private static EngineNodeOptions Small(EngineNodeOptions options) => options with { MaxSpool = 1000 };

    /// <summary>The console begins anew, and writes no findings down before it is told to.</summary>
    internal static async Task<TaskCompletionSource> SlowAsync(NodePair pair)
    {
        WatchedStores stores = await pair.WatchAsync();
        var takes = new TaskCompletionSource();
        stores.OnConsole = (member, _) =>
        {
            if (member == nameof(IConsoleStore.SaveBatch))
            {
                takes.Task.Wait(NodePair.Patience);
            }
        };
        return takes;
    }

    /// <summary>Another console is gone, and what was found for it fills the spool.</summary>
    internal static (Guid PairingId, Guid ScanId) Fill(NodePair pair)
    {
        ConsoleRecord other = pair.AtEngine with
        {
            PairingId = Guid.NewGuid(),
            ConsoleId = Guid.NewGuid(),
            Direction = CommunicationDirection.ConsoleToEngine,
            Pins = [],
        };
        pair.Engine.Store.AddConsole(other);
        var scan = new EngineScanRecord
        {
            PairingId = other.PairingId,
            ScanId = Guid.NewGuid(),
            Attempt = 1,
            Request = new ScanRequest { Targets = ["10.0.0.0/24"], Ports = "22" },
            State = ScanState.Running,
            Accepted = DateTimeOffset.UtcNow,
        };
        pair.Engine.Store.AcceptScan(scan);
        byte[] noise = new byte[500];
        Random.Shared.NextBytes(noise);
        pair.Engine.Store.AppendBatch(other.PairingId, scan.ScanId, 1, new ScanBatch
        {
            Number = 1,
            Findings = Enumerable.Range(0, 8).Select(i => new Finding(
                i, $"10.0.0.{i}", 22, PortState.Open, null, Convert.ToHexString(noise))).ToList(),
            Cursor = 8,
            TargetsTotal = 256,
            TargetsDone = 8,
        });
        Assert.True(pair.Engine.Store.SpooledBytes() > 1000);
        return (scan.PairingId, scan.ScanId);
    }
}
