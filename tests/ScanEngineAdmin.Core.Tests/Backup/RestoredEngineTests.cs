using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Backup;

/// <summary>An engine's folder is put back to an older copy in the middle of a scan.</summary>
[Trait("Speed", "Slow")]
public sealed class RestoredEngineTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_restored_engine_runs_its_scan_again_under_a_new_attempt(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var copy = new TemporaryFolder();
        using var targets = new ScanTargets();
        ScanRecord scan = await targets.HeldAsync(pair);
        pair.Engine.Store.CopyTo(copy.Below("store.db"), null, CancellationToken.None);
        long copied = pair.Engine.Store.GetScan(pair.PairingId, scan.ScanId)!.LastBatch;
        for (int step = 0; step < 3; step++)
        {
            await targets.StepAsync(pair, scan);
        }

        // The copy may hold batches that had not arrived when it was made.
        await pair.UntilScanAsync(scan.ScanId, now => now.LastBatch > copied);

        await pair.StopEngineAsync();
        pair.Restore(copy.Below("store.db"));
        await pair.StartEngineAsync();

        ScanRecord done = await targets.CompletedAsync(pair, scan, "The engine had lost the scan.");
        Assert.Equal(2, done.Attempt);
    }
}
