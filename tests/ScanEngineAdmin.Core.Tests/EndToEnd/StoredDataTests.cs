using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>What an engine may store at its console, and how its admin gets rid of it.</summary>
[Trait("Speed", "Slow")]
public sealed class StoredDataTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Beyond_its_quota_an_engines_findings_wait_and_go_on_when_it_has_a_larger_one(
        CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        pair.Console.Store.SetQuota(pair.PairingId, 2_000);
        ScanRecord scan = await targets.HeldAsync(pair, seconds: 2);
        ScanRecord held = await pair.UntilScanAsync(scan.ScanId, now => now.Cause == ScanCause.QuotaReached);
        Assert.InRange(pair.Console.Store.ListUsage()[pair.PairingId].StoredBytes, 0, 2_000);
        Assert.True(pair.Console.Store.ListUsage()[pair.PairingId].StoredBytes > 0 || held.FindingCount == 0);

        pair.Console.SetQuota(pair.PairingId, null);
        ScanRecord done = await targets.CompletedAsync(pair, scan);
        Assert.Equal((1, ScanCause.QuotaReached), (done.Attempt, done.LastInterruption));
        Assert.Contains(pair.Console.Store.ListEvents(20), entry => entry.Event == "EngineQuotaSet");
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_scan_that_runs_can_be_removed_and_its_engine_drops_it(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord scan = await targets.HeldAsync(pair);
        ScanEngineException refused = Assert.Throws<ScanEngineException>(
            () => pair.Console.Scans.Remove(scan.ScanId));
        Assert.Equal(FaultCode.ScanNotFinished, refused.Code);
        Assert.Contains("-Force", refused.Recommendation, StringComparison.Ordinal);

        pair.Console.Scans.Remove(scan.ScanId, unfinished: true);
        await pair.UntilEngineStoreAsync(() => pair.Engine.Store.ListScans(), scans => scans.Count == 0);
        await pair.UntilEngineStoreAsync(() => $"{targets.Open} open", static open => open == "0 open");
        Assert.Empty(pair.Console.Store.ListScans());
    }
}
