using Microsoft.Data.Sqlite;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Pairing;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Storage.Tests;

/// <summary>A file system without a byte left under a store: what its admin can do there.</summary>
public sealed class FullStoreTests
{
    private const int Many = 40_000;

    [Theory, NeedsRoot]
    [InlineData(12, true)]
    [InlineData(12, false)]
    [InlineData(60, true)]
    [InlineData(60, false)]
    public void An_admin_revokes_and_removes_on_a_full_disk_and_the_room_comes_back(int megabytes, bool running)
    {
        using SmallDisk disk = new(megabytes);
        EngineRecord engine = Make.Engine();
        IConsoleStore node = TestFolder.Provider().OpenConsole(disk.Path);
        try
        {
            node.KeepReserve();
            ScanRecord scan = Fill(node, engine);
            if (!running)
            {
                node.Dispose();
            }

            disk.Fill();
            Assert.True(File.Exists(Reserve(disk)));
            if (running)
            {
                // What the node itself writes leaves the reserve to its admin.
                WriteUntilFull(node);
                Assert.True(File.Exists(Reserve(disk)));
            }

            using (IConsoleStore admin = TestFolder.Provider().OpenConsole(disk.Path))
            {
                SecretRecord secret = Make.Secret();
                admin.AddSecret(secret);
                Assert.True(admin.RevokeSecret(secret.SecretId, Make.Now));
                admin.UpdateScan(scan.ScanId, now => now with { StopRequested = true });
                Assert.True(admin.RemoveEngine(engine.PairingId));
                Assert.False(File.Exists(Reserve(disk)));
                while (admin.CleanUp())
                {
                }
            }

            Assert.True(disk.Available > Many * 20, $"{disk.Available} bytes free");
            disk.Free();
            using IConsoleStore after = TestFolder.Provider().OpenConsole(disk.Path);
            after.Check();
            after.KeepReserve();
            Assert.True(File.Exists(Reserve(disk)));
        }
        finally
        {
            node.Dispose();
        }
    }

    [Fact, NeedsRoot]
    public void A_reader_that_does_not_end_keeps_no_admin_from_writing_on_a_full_disk()
    {
        using SmallDisk disk = new(12);
        EngineRecord engine = Make.Engine();
        using IConsoleStore node = TestFolder.Provider().OpenConsole(disk.Path);
        node.KeepReserve();
        Fill(node, engine);
        using SqliteConnection reader = new($"Data Source={Path.Combine(disk.Path, "store.db")};Pooling=False");
        reader.Open();
        using SqliteCommand begin = reader.CreateCommand();
        begin.CommandText = "BEGIN; SELECT count(*) FROM engines";
        begin.ExecuteScalar();
        disk.Fill();
        WriteUntilFull(node);

        using IConsoleStore admin = TestFolder.Provider().OpenConsole(disk.Path);
        Assert.True(admin.RemoveEngine(engine.PairingId));
        Assert.Null(admin.GetEngine(engine.PairingId));
    }

    private static string Reserve(SmallDisk disk) => Path.Combine(disk.Path, "store.db-reserve");

    private static void WriteUntilFull(IConsoleStore node) => TestFolder.Fails(FaultCode.StoreFull, () =>
    {
        for (int i = 0; i < 10_000; i++)
        {
            node.SetSetting($"large-{i}", new string('x', 4_096));
        }
    });

    private static ScanRecord Fill(IConsoleStore store, EngineRecord engine)
    {
        store.AddEngine(engine);
        ScanRecord scan = Make.Scan(engine.PairingId);
        store.AddScan(scan);
        for (int batch = 0; batch < Many / 1_000; batch++)
        {
            store.SaveBatch(
                engine.PairingId,
                scan.ScanId,
                1,
                Make.Batch(
                    batch + 1,
                    [.. Enumerable.Range(batch * 1_000, 1_000).Select(
                        unit => Make.Finding(unit) with { State = PortState.Closed, Banner = null })]),
                Make.Now);
        }

        return scan;
    }
}
