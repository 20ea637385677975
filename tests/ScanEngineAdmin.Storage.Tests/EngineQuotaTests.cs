using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Storage.Tests;

/// <summary>A quota that one engine has used up is that engine's alone.</summary>
public sealed class EngineQuotaTests : IDisposable
{
    private const long Quota = 300_000;
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_one_engine_used_up_keeps_nothing_of_anothers_out_and_takes_nothing_of_it_away()
    {
        using IConsoleStore store = _folder.Console();
        ScanRecord noisy = Begun(store, "noisy");
        ScanRecord quiet = Begun(store, "quiet");
        ScanRecord old = Make.Scan(quiet.PairingId);
        store.AddScan(old);
        Assert.Equal(BatchOutcome.Stored, Save(store, old, 200));
        store.UpdateScan(old.ScanId, scan => scan with { State = ScanState.Stopped, Finished = Make.Now });
        Assert.Equal(BatchOutcome.Stored, Save(store, noisy, 200));
        ScanRecord more = Make.Scan(noisy.PairingId);
        store.AddScan(more);

        ScanEngineException full = TestFolder.Fails(FaultCode.QuotaReached, () => Save(store, more, 200));
        Assert.Contains("noisy", full.Message, StringComparison.Ordinal);
        store.SetQuota(quiet.PairingId, null);
        Assert.Equal(BatchOutcome.Stored, Save(store, quiet, 200));

        // The oldest finished scan of all is the other engine's, and stays.
        Assert.Empty(store.RemoveOldScans(
            Make.Now.AddDays(-365), scan => new() { Time = Make.Now, Event = "expired", Subject = scan.EngineName }));
        Assert.NotNull(store.GetScan(old.ScanId));
    }

    [Fact]
    public void From_three_quarters_of_its_quota_on_an_engines_oldest_finished_scans_go()
    {
        using IConsoleStore store = _folder.Console();
        ScanRecord running = Begun(store, "busy");
        List<Guid> finished = [];
        while (store.ListUsage()[running.PairingId].StoredBytes <= Quota / 4 * 3)
        {
            Assert.Empty(RemoveOld(store));
            ScanRecord scan = Make.Scan(running.PairingId);
            store.AddScan(scan);
            Assert.Equal(BatchOutcome.Stored, Save(store, scan, 20));
            store.UpdateScan(scan.ScanId, now => now with
            {
                State = ScanState.Stopped,
                Finished = Make.Now.AddMinutes(finished.Count),
            });
            finished.Add(scan.ScanId);
        }

        Assert.Equal([finished[0]], RemoveOld(store));
        Assert.Empty(RemoveOld(store));
        Assert.NotNull(store.GetScan(running.ScanId));
    }

    private static IEnumerable<Guid> RemoveOld(IConsoleStore store) => store.RemoveOldScans(
        Make.Now.AddDays(-365),
        scan => new() { Time = Make.Now, Event = "expired", Subject = scan.EngineName }).Select(scan => scan.ScanId);

    private static ScanRecord Begun(IConsoleStore store, string name)
    {
        EngineRecord engine = Make.Engine(name);
        store.AddEngine(engine);
        Assert.True(store.SetQuota(engine.PairingId, Quota));
        ScanRecord scan = Make.Scan(engine.PairingId);
        store.AddScan(scan);
        return scan;
    }

    private static BatchOutcome Save(IConsoleStore store, ScanRecord scan, int findings) => store.SaveBatch(
        scan.PairingId,
        scan.ScanId,
        1,
        Make.Batch(1, [.. Enumerable.Range(0, findings).Select(unit => Make.Finding(unit) with
        {
            Banner = new string('b', ScanLimits.MaxBannerBytes),
        })]),
        Make.Now);
}
