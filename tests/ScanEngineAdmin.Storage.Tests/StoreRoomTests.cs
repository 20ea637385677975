using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Tests;

/// <summary>What a store takes while its disk, or an engine's quota, is nearly used up.</summary>
public sealed class StoreRoomTests : IDisposable
{
    private const long Mebi = 1 << 20;

    private readonly TestFolder _folder = new();
    private long _available = 1000 * Mebi;

    private StoreOptions Options => new() { Disk = _ => new DiskSpace(Volatile.Read(ref _available), 1000 * Mebi) };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Below_the_floor_no_findings_are_taken_but_a_scan_can_end_and_an_admin_can_write()
    {
        using IConsoleStore store = _folder.Console(Options);
        ScanRecord scan = Started(store);
        Assert.Equal(BatchOutcome.Stored, Save(store, scan, Make.Batch(1, Make.Finding(0))));
        StoreRoom room = store.Room();
        Assert.False(room.IsLow || room.IsBelowFloor);

        _available = room.Floor * 2;
        Assert.True(store.Room() is { IsLow: true, IsBelowFloor: false });
        Assert.Equal(BatchOutcome.Stored, Save(store, scan, Make.Batch(2, Make.Finding(1))));

        _available = room.Floor - (2 * Mebi);
        ScanEngineException full = TestFolder.Fails(
            FaultCode.StoreFull, () => Save(store, scan, Make.Batch(3, Make.Finding(2))));
        Assert.Contains("nearly full", full.Message, StringComparison.Ordinal);
        Assert.Equal(2, store.GetScan(scan.ScanId)!.LastBatch);
        store.AddSecret(Make.Secret());
        ScanRecord small = Make.Scan(scan.PairingId);
        store.AddScan(small);
        TestFolder.Fails(FaultCode.StoreFull, () => store.AddScan(small with
        {
            ScanId = Guid.NewGuid(),
            Request = small.Request with { Targets = [.. Enumerable.Range(0, 5_000).Select(i => $"host-{i:D12}")] },
        }));
        Assert.Equal(
            BatchOutcome.Stored, Save(store, scan, Make.Batch(3) with { Final = ScanState.Stopped }));

        _available = 1000 * Mebi;
        Assert.Equal(2, store.ReadFindings(scan.ScanId).Count());
    }

    [Fact]
    public void Below_the_floor_an_engine_spools_only_the_last_word_of_a_scan()
    {
        using IEngineStore store = _folder.Engine(Options);
        ConsoleRecord console = Make.Console();
        store.AddConsole(console);
        EngineScanRecord scan = Make.EngineScan(console.PairingId);
        store.AcceptScan(scan);
        _available = Mebi;
        TestFolder.Fails(FaultCode.StoreFull, () => Append(Make.Batch(1, Make.Finding(0))));
        TestFolder.Fails(
            FaultCode.StoreFull, () => store.AcceptScan(scan with { ScanId = Guid.NewGuid() }));
        Append(Make.Batch(1) with { Final = ScanState.Stopped });
        Assert.Equal(1, store.GetScan(console.PairingId, scan.ScanId)!.LastBatch);

        void Append(ScanBatch batch) => store.AppendBatch(console.PairingId, scan.ScanId, 1, batch);
    }

    [Fact]
    public void An_engine_stores_up_to_its_quota_and_further_when_scans_of_it_are_removed()
    {
        using IConsoleStore store = _folder.Console(Options);
        ScanRecord first = Started(store);
        ScanRecord second = Make.Scan(first.PairingId);
        store.AddScan(second);
        Assert.True(store.SetQuota(first.PairingId, 300_000));
        Assert.False(store.SetQuota(Guid.NewGuid(), 300_000));
        Assert.Equal(BatchOutcome.Stored, Save(store, first, Loud(1, 200)));
        EngineUsage usage = store.ListUsage()[first.PairingId];
        Assert.InRange(usage.StoredBytes, 200 * 1024, 300_000);
        Assert.Equal(300_000, usage.Limit);

        TestFolder.Fails(FaultCode.QuotaReached, () => Save(store, second, Loud(1, 200)));
        Assert.Equal(usage, store.ListUsage()[first.PairingId]);
        Assert.Equal((0, 0), (store.GetScan(second.ScanId)!.FindingCount, store.GetScan(second.ScanId)!.LastBatch));

        Assert.True(store.RemoveScan(first.ScanId));
        Assert.Equal(BatchOutcome.Stored, Save(store, second, Loud(1, 200)));
        Assert.True(store.SetQuota(first.PairingId, null));
        Assert.Equal(EngineUsage.DefaultQuota, store.ListUsage()[first.PairingId].Limit);
        Assert.True(store.RemoveEngine(first.PairingId));
        Assert.Empty(store.ListUsage());
    }

    [Fact]
    public void What_is_there_twice_counts_once()
    {
        using IConsoleStore store = _folder.Console(Options);
        ScanRecord scan = Started(store);
        Save(store, scan, Loud(1, 10));
        long before = store.ListUsage()[scan.PairingId].StoredBytes;
        Assert.Equal(BatchOutcome.Stored, Save(store, scan, Loud(2, 10)));
        Assert.Equal((10, before), (
            store.GetScan(scan.ScanId)!.FindingCount, store.ListUsage()[scan.PairingId].StoredBytes));
    }

    [Fact]
    public void A_large_batch_makes_the_log_no_longer_than_a_small_one_and_counts_as_one()
    {
        using IConsoleStore store = _folder.Console(Options);
        ScanRecord scan = Started(store);
        Assert.Equal(BatchOutcome.Stored, Save(store, scan, Loud(1, 4_000)));
        Assert.InRange(new FileInfo(_folder.File + "-wal").Length, 1, 3 * Mebi);
        ScanRecord now = store.GetScan(scan.ScanId)!;
        Assert.Equal((4_000, 1), (now.FindingCount, now.LastBatch));
        Assert.Equal(BatchOutcome.Duplicate, Save(store, scan, Loud(1, 4_000)));
    }

    [Fact]
    public void A_banner_takes_its_own_size_and_not_a_page()
    {
        using IConsoleStore store = _folder.Console(Options);
        ScanRecord scan = Started(store);
        for (int batch = 1; batch <= 5; batch++)
        {
            Save(store, scan, Loud(batch, 1_000, from: batch * 1_000));
        }

        store.Dispose();
        Assert.InRange(new FileInfo(_folder.File).Length, 5_000 * 1024, 5_000 * 1024 * 3 / 2);
    }

    [Fact]
    public void The_oldest_finished_scans_go_by_age_and_before_the_quota_is_used_up()
    {
        using IConsoleStore store = _folder.Console(Options);
        ScanRecord old = Started(store);
        ScanRecord[] later = [Make.Scan(old.PairingId), Make.Scan(old.PairingId), Make.Scan(old.PairingId)];
        later.ToList().ForEach(scan => store.AddScan(scan));
        store.UpdateScan(old.ScanId, scan => scan with { State = ScanState.Failed, Finished = Make.Now.AddDays(-400) });
        Assert.Equal([old.ScanId], Remove());
        Assert.Empty(Remove());
        Assert.Equal("expired", Assert.Single(store.ListEvents(5)).Event);

        foreach (ScanRecord scan in later[..2])
        {
            Save(store, scan, Loud(1, 100));
            store.UpdateScan(scan.ScanId, now => now with { State = ScanState.Stopped, Finished = Make.Now });
        }

        Save(store, later[2], Loud(1, 100));
        store.SetQuota(old.PairingId, 340_000);
        Assert.Equal([later[0].ScanId], Remove());
        Assert.Empty(Remove());

        // One that is not finished stays, however much it takes.
        store.SetQuota(old.PairingId, 1);
        Assert.Equal([later[1].ScanId], Remove());
        Assert.Empty(Remove());
        Assert.NotNull(store.GetScan(later[2].ScanId));

        IEnumerable<Guid> Remove() => store.RemoveOldScans(
            Make.Now.AddDays(-365),
            scan => new() { Time = Make.Now, Event = "expired", Subject = scan.EngineName })
            .Select(scan => scan.ScanId);
    }

    private static ScanRecord Started(IConsoleStore store)
    {
        EngineRecord engine = Make.Engine();
        store.AddEngine(engine);
        ScanRecord scan = Make.Scan(engine.PairingId);
        store.AddScan(scan);
        return scan;
    }

    private static BatchOutcome Save(IConsoleStore store, ScanRecord scan, ScanBatch batch) =>
        store.SaveBatch(scan.PairingId, scan.ScanId, 1, batch, Make.Now);

    private static ScanBatch Loud(long number, int findings, int from = 0) => Make.Batch(number, [.. Enumerable
        .Range(from, findings)
        .Select(unit => Make.Finding(unit) with { Banner = new string('b', ScanLimits.MaxBannerBytes) })]);
}
