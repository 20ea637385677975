using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>How many scans run at once, and how they are stopped and refused.</summary>
[Trait("Speed", "Slow")]
public sealed class ScanControlTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Many_scans_at_once_all_end_and_no_more_run_than_may(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(
            way, console => console with { MaxScansPerEngine = 2 });
        using var targets = new ScanTargets();
        List<ScanRecord> scans = Enumerable.Range(0, 6)
            .Select(_ => pair.Console.Scans.Add(pair.PairingId, targets.Held())).ToList();

        int most = 0;
        Task ended = Task.WhenAll(scans.Select(scan => pair.Console.Scans.WaitAsync(
            scan.ScanId,
            NodePair.Patience,
            _ =>
            {
                int running = pair.Console.Store.CountRunningScans().GetValueOrDefault(pair.PairingId);
                most = Math.Max(most, running);
            },
            CancellationToken.None)));
        await pair.UntilScanAsync(
            scans[0].ScanId, _ => pair.Console.Store.CountRunningScans().GetValueOrDefault(pair.PairingId) == 2);
        targets.Release();
        await ended;

        Assert.InRange(most, 1, 2);
        foreach (ScanRecord scan in scans)
        {
            await targets.CompletedAsync(pair, scan);
        }
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_running_scan_stops_and_keeps_what_it_found(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord scan = await targets.HeldAsync(pair);

        pair.Console.Scans.Stop(scan.ScanId);

        ScanRecord stopped = await pair.Console.Scans.WaitAsync(
            scan.ScanId, NodePair.Patience, null, CancellationToken.None);
        Assert.Equal(ScanState.Stopped, stopped.State);
        List<Finding> findings = pair.Console.Store.ReadFindings(scan.ScanId).ToList();
        Assert.NotEmpty(findings);
        Assert.Equal(findings.Count, stopped.FindingCount);
        await pair.UntilEngineStoreAsync(() => pair.Engine.Store.ListScans(pair.PairingId), left => left.Count == 0);
        await targets.RunAsync(pair);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_stop_that_could_not_be_said_is_said_when_the_engine_is_there_again(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord scan = await targets.HeldAsync(pair);
        pair.On(way).Block();

        pair.Console.Scans.Stop(scan.ScanId);
        await pair.LoggedAsync("ChannelClosed");
        Assert.Equal(ScanState.Running, pair.Console.Store.GetScan(scan.ScanId)!.State);
        pair.On(way).Unblock();

        ScanRecord stopped = await pair.Console.Scans.WaitAsync(
            scan.ScanId, NodePair.Patience, null, CancellationToken.None);
        Assert.Equal(ScanState.Stopped, stopped.State);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_scan_that_waits_for_its_turn_stops_at_once(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(
            way, console => console with { MaxScansPerEngine = 1 });
        using var targets = new ScanTargets();
        ScanRecord first = await targets.HeldAsync(pair);
        ScanRecord second = pair.Console.Scans.Add(pair.PairingId, targets.Short);

        ScanRecord stopped = pair.Console.Scans.Stop(second.ScanId);

        Assert.Equal((ScanState.Stopped, 0L), (stopped.State, stopped.FindingCount));
        await targets.CompletedAsync(pair, first);
        Assert.Equal(0, pair.Console.Store.GetScan(second.ScanId)!.Attempt);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task What_the_engines_policy_forbids_fails_with_its_words(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        pair.Engine.SetPolicy(new TargetPolicy { Deny = ["127.0.0.0/8"] });

        ScanRecord scan = pair.Console.Scans.Add(pair.PairingId, targets.Short);
        ScanRecord failed = await pair.Console.Scans.WaitAsync(
            scan.ScanId, NodePair.Patience, null, CancellationToken.None);

        Assert.Equal((ScanState.Failed, 0L), (failed.State, failed.FindingCount));
        Assert.StartsWith("ScanRefused: ", failed.Detail, StringComparison.Ordinal);
        Assert.Contains("target policy", failed.Detail, StringComparison.Ordinal);
        Assert.Empty(pair.Engine.Store.ListScans());
        pair.Engine.SetPolicy(new TargetPolicy());
        await targets.RunAsync(pair);
    }
}
