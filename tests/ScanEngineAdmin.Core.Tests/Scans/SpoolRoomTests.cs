using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Core.Tests.Scans;

/// <summary>Who may spool when consoles are gone for long and leave what was found for them lying.</summary>
public sealed class SpoolRoomTests : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);
    private const long DiskSize = 1L << 30;
    private readonly EngineStoreHost _host;
    private readonly IEngineStore _store;
    private readonly SpoolRoom _room;
    private long _free = DiskSize / 2;

    public SpoolRoomTests()
    {
        _host = new EngineStoreHost(
            new StoreOptions { Disk = _ => new DiskSpace(Volatile.Read(ref _free), DiskSize) });
        _store = _host.Store;
        _room = new SpoolRoom(
            _store, new EngineNodeOptions { MaxSpool = 400, StoreCheck = TimeSpan.FromMilliseconds(20) },
            new BoundedLog(_ => { }, TimeProvider.System));
    }

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Two_consoles_that_are_gone_do_not_keep_a_third_ones_scans_from_going_on()
    {
        Fill(Scan());
        Fill(Scan());
        Assert.True(_store.SpooledBytes() > 400);
        EngineScanRecord alive = Scan();

        await _room.WaitAsync(alive, CancellationToken.None).WaitAsync(Bound);

        Spool(alive, 1);
        using var stop = new CancellationTokenSource();
        Task waits = _room.WaitAsync(alive, stop.Token);
        await HeldAsync(alive);
        Assert.False(waits.IsCompleted);
        _store.AcknowledgeBatches(alive.PairingId, alive.ScanId, 1, 1);
        _room.Trimmed();
        await waits.WaitAsync(Bound);
        Assert.Empty(_room.Held(alive.PairingId));
    }

    [Fact]
    public async Task A_scan_waits_while_the_disk_is_below_its_floor()
    {
        EngineScanRecord scan = Scan();
        await _room.WaitAsync(scan, CancellationToken.None).WaitAsync(Bound);

        Volatile.Write(ref _free, DiskSize / 100);
        Task waits = _room.WaitAsync(scan, CancellationToken.None);
        await HeldAsync(scan);
        Assert.False(waits.IsCompleted);

        Volatile.Write(ref _free, DiskSize / 2);
        await waits.WaitAsync(Bound);
        Assert.Empty(_room.Held(scan.PairingId));
    }

    private async Task HeldAsync(EngineScanRecord scan)
    {
        for (int i = 0; i < 6000 && _room.Held(scan.PairingId).Count == 0; i++)
        {
            await Task.Delay(10); // Looked at again and again, within a bound: nothing signals it.
        }

        Assert.Equal([(scan.ScanId, 1)], _room.Held(scan.PairingId));
    }

    private EngineScanRecord Scan() => _store.AcceptScan(new EngineScanRecord
    {
        PairingId = _host.Pair(),
        ScanId = Guid.NewGuid(),
        Attempt = 1,
        Request = new ScanRequest { Targets = ["127.0.0.1"], Ports = "1-1000" },
        State = ScanState.Running,
        Accepted = DateTimeOffset.UtcNow,
    });

    /// <summary>Up to its share.</summary>
    private void Fill(EngineScanRecord scan)
    {
        for (int number = 1; _store.SpooledBytes(scan.PairingId) <= 200; number++)
        {
            Spool(scan, number);
        }
    }

    private void Spool(EngineScanRecord scan, int number) => _store.AppendBatch(
        scan.PairingId,
        scan.ScanId,
        1,
        new ScanBatch
        {
            Number = number,
            Findings = [new Finding(number, "127.0.0.1", number, PortState.Open, null, $"{Guid.NewGuid()}")],
            Cursor = number,
            TargetsTotal = 1,
            TargetsDone = 0,
        });
}
