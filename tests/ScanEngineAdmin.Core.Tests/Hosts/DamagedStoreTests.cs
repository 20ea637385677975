using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Core.Tests.Nodes;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Tests.Hosts;

/// <summary>A store that is found damaged while its node runs: nothing is acknowledged, the log says why.</summary>
[Trait("Speed", "Slow")]
public sealed class DamagedStoreTests
{
    private static readonly ScanEngineException Damaged =
        new(FaultCode.StoreDamaged, "The store is damaged (tested).", "Restore an export.", "store.db");

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_console_whose_store_takes_nothing_acknowledges_nothing_and_says_so(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        WatchedStores stores = await pair.WatchAsync();
        await pair.ActiveAsync();
        Action mend = stores.Fail(nameof(IConsoleStore.SaveBatch), Damaged);

        ScanRecord scan = pair.Console.Scans.Add(pair.PairingId, targets.Short);
        await pair.LoggedAsync(
            entry => entry.Event == "StoreFault" && entry.Message.Contains("(tested)", StringComparison.Ordinal));
        await pair.UntilEngineStoreAsync(
            () => pair.Engine.Store.ListScans(pair.PairingId), all => all is [{ State: ScanState.Completed }]);
        Assert.Equal(0, pair.Engine.Store.ListScans(pair.PairingId)[0].AcknowledgedBatch);
        Assert.Empty(pair.Console.Store.ReadFindings(scan.ScanId));

        mend();
        await targets.CompletedAsync(pair, scan);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task An_engine_whose_store_takes_nothing_delivers_nothing_and_says_so(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        WatchedStores stores = await pair.WatchAsync();
        await pair.ActiveAsync();
        Action mend = stores.Fail(nameof(IEngineStore.AppendBatch), Damaged);

        ScanRecord scan = pair.Console.Scans.Add(pair.PairingId, targets.Short);
        await pair.LoggedAsync(
            entry => entry.Event == "ScanInterrupted" && entry.Message.Contains("(tested)", StringComparison.Ordinal));
        Assert.Empty(pair.Console.Store.ReadFindings(scan.ScanId));

        mend();
        await targets.CompletedAsync(pair, scan);
    }
}
