using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Plan;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>
/// No scan and no finding is lost, and none counts twice, whatever happens between and to the two nodes.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class ScanLifeTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_scan_goes_on_when_the_link_is_cut_again_and_again(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord scan = await targets.HeldAsync(pair);

        for (int i = 0; i < 3; i++)
        {
            long before = pair.Console.Store.GetScan(scan.ScanId)!.LastBatch;
            int dialled = pair.On(way).Connections;
            pair.On(way).Cut();
            targets.LetOneOn();
            await pair.UntilScanAsync(scan.ScanId, now => now.LastBatch > before && pair.On(way).Connections > dialled);
        }

        ScanRecord done = await targets.CompletedAsync(pair, scan);
        Assert.Equal(1, done.Attempt);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_restarted_engine_goes_on_where_it_was(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord scan = await targets.HeldAsync(pair);

        await pair.StopEngineAsync();
        EngineScanRecord kept = Assert.Single(pair.Engine.Store.ListScans(pair.PairingId));
        Assert.Equal(ScanState.Running, kept.State);
        Assert.InRange(kept.Cursor, 1, ScanPlan.Create(scan.Request).Units - 1);
        await pair.StartEngineAsync();

        ScanRecord done = await targets.CompletedAsync(pair, scan);
        Assert.Equal(1, done.Attempt);
        await pair.ActiveAsync();
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_scan_goes_on_while_no_console_runs_and_is_delivered_to_the_next(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord scan = await targets.HeldAsync(pair);

        await pair.StopConsoleAsync();
        targets.Release();
        await pair.UntilEngineStoreAsync(
            () => pair.Engine.Store.GetScan(pair.PairingId, scan.ScanId)!, now => now.State == ScanState.Completed);
        Assert.Equal(ScanState.Running, pair.Console.Store.GetScan(scan.ScanId)!.State);
        await pair.StartConsoleAsync();

        ScanRecord done = await targets.CompletedAsync(pair, scan);
        Assert.Equal(1, done.Attempt);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_scan_that_was_queued_while_nothing_ran_is_done_when_both_do(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        await pair.StopConsoleAsync();
        await pair.StopEngineAsync();
        ScanRecord scan = pair.Console.Scans.Add(pair.PairingId, targets.Short);

        await pair.StartConsoleAsync();
        await pair.StartEngineAsync();

        await targets.CompletedAsync(pair, scan);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task An_engine_that_lost_its_spool_runs_the_scan_anew_without_doubling_findings(
        CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord scan = await targets.HeldAsync(pair);
        await pair.StopEngineAsync();
        pair.Engine.Store.RemoveScan(pair.PairingId, scan.ScanId, attempt: int.MaxValue);

        await pair.StartEngineAsync();

        ScanRecord done = await targets.CompletedAsync(pair, scan, "The engine had lost the scan.");
        Assert.Equal((2, 1, ScanCause.SpoolLost), (done.Attempt, done.Interruptions, done.LastInterruption));
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_link_that_falls_silent_is_noticed_and_the_scan_goes_on_over_the_next(CommunicationDirection way)
    {
        static ChannelOptions Watchful(ChannelOptions options) => options with
        {
            HeartbeatInterval = TimeSpan.FromMilliseconds(500),
            PeerTimeout = TimeSpan.FromSeconds(2),
        };
        await using NodePair pair = await NodePair.ActiveAsync(
            way,
            console => console with { Grace = TimeSpan.FromMilliseconds(500), Channel = Watchful(console.Channel) },
            engine => engine with { Channel = Watchful(engine.Channel) });
        using var targets = new ScanTargets();
        ScanRecord scan = await targets.HeldAsync(pair);

        pair.On(way).Silence();
        await pair.UntilConsoleAsync(now => now.Status == CommunicationStatus.NotResponding);
        await pair.LoggedAsync(entry => entry.Event == "ChannelClosed"
            && entry.Message.Contains("No round trip", StringComparison.Ordinal));
        pair.On(way).Speak();

        await pair.ActiveAsync();
        ScanRecord done = await targets.CompletedAsync(pair, scan);
        Assert.Equal(1, done.Attempt);
    }
}
