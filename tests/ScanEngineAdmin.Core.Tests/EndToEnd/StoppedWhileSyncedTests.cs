using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>
/// An admin stops or resumes a scan while the console finds out whether its engine has taken the scan on.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class StoppedWhileSyncedTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task What_was_stopped_before_the_engine_had_it_is_not_sent(CommunicationDirection way)
    {
        await using NodePair pair = await PairAsync(way);
        await using PlayedEngine engine = await FullAsync(pair, way);
        ScanRecord scan = await DispatchedAsync(pair);
        int sent = 0;
        engine.Syncing = () =>
        {
            engine.Syncing = null;
            pair.Console.Scans.Stop(scan.ScanId);
            sent = engine.Started.Count;
        };

        await engine.ReconnectAsync(way);

        ScanRecord ended = await pair.EndAsync(scan.ScanId);
        Assert.Equal((ScanState.Stopped, sent), (ended.State, engine.Started.Count));
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task What_was_resumed_before_the_engine_had_it_is_sent_again_and_counts_as_no_failure(
        CommunicationDirection way)
    {
        await using NodePair pair = await PairAsync(way);
        await using PlayedEngine engine = await FullAsync(pair, way);
        ScanRecord scan = await DispatchedAsync(pair);
        engine.Syncing = () =>
        {
            engine.Syncing = null;
            ScanRecord goesOn = pair.Console.Scans.Resume(scan.ScanId);
            Assert.Equal((ScanState.Dispatched, ScanSuspension.Ended), (goesOn.State, goesOn.Suspension));
            engine.IsFull = false;
        };

        pair.Console.Scans.Suspend(scan.ScanId);

        ScanRecord done = await pair.EndAsync(scan.ScanId);
        Assert.Equal(
            (ScanState.Completed, 1, 0, ScanCause.None),
            (done.State, done.Attempt, done.FailedAttempts, done.Cause));
    }

    private static async Task<NodePair> PairAsync(CommunicationDirection way)
    {
        NodePair pair = await NodePair.ActiveAsync(
            way, console => console with { StoreCheck = TimeSpan.FromMilliseconds(50) });
        await pair.StopEngineAsync();
        return pair;
    }

    private static async Task<PlayedEngine> FullAsync(NodePair pair, CommunicationDirection way)
    {
        PlayedEngine engine = await PlayedEngine.StartAsync(
            pair,
            way,
            terms: true,
            (_, plan) => [PlayedEngine.Batch(plan, 1, 0, plan.Units) with { Final = ScanState.Completed }]);
        engine.IsFull = true;
        await engine.OpenedAsync();
        return engine;
    }

    private static async Task<ScanRecord> DispatchedAsync(NodePair pair)
    {
        ScanRecord scan = pair.Console.Scans.Add(
            pair.PairingId, new ScanRequest { Targets = ["127.0.0.1"], Ports = "1-9" });
        await pair.UntilScanAsync(scan.ScanId, now => now.State == ScanState.Dispatched);
        return scan;
    }
}
