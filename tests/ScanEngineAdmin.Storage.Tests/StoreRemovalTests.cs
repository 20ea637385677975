using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage.Sqlite;
using ScanEngineAdmin.Storage.Stores;

namespace ScanEngineAdmin.Storage.Tests;

/// <summary>What is removed is out of sight at once, and leaves in small steps that give the room back.</summary>
public sealed class StoreRemovalTests : IDisposable
{
    private const int Many = 20_000;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_removed_scan_is_gone_at_once_and_its_findings_in_steps_of_500()
    {
        _folder.Console().Dispose();
        long empty = new FileInfo(_folder.File).Length;
        using IConsoleStore store = _folder.Console();
        ScanRecord scan = Filled(store, Make.Engine());
        long size = new FileInfo(_folder.File).Length - empty;
        Assert.True(store.RemoveScan(scan.ScanId));
        Assert.Null(store.GetScan(scan.ScanId));
        Assert.Empty(store.ListScans());
        Assert.Empty(store.ReadFindings(scan.ScanId));
        long left = _folder.Count("findings");
        Assert.InRange(left, Many - 2_500, Many - 500);
        for (long before = left; store.CleanUp(); before = left)
        {
            left = _folder.Count("findings");
            Assert.InRange(before - left, 0, 500);
        }

        Assert.Equal((0, 0, 0), (_folder.Count("findings"), _folder.Count("banners"), _folder.Count("leaving")));
        store.Dispose();
        Assert.InRange(new FileInfo(_folder.File).Length - empty, 0, size / 4);
    }

    [Fact]
    public void An_engine_is_gone_with_one_row_and_its_scans_are_nobodys_even_if_its_pairing_comes_back()
    {
        using IConsoleStore store = _folder.Console();
        EngineRecord engine = Make.Engine();
        ScanRecord scan = Filled(store, engine);
        ScanRecord waiting = Make.Scan(engine.PairingId, ScanState.Running);
        store.AddScan(waiting);
        Assert.True(store.RemoveEngine(engine.PairingId));
        Assert.True(_folder.Count("findings") > Many / 2);
        Assert.Empty(store.ListScans());
        Assert.Empty(store.CountRunningScans());
        Assert.Null(store.GetScan(scan.ScanId));
        Assert.Null(store.UpdateScan(scan.ScanId, now => now));
        Assert.Equal(
            BatchOutcome.Fenced,
            store.SaveBatch(engine.PairingId, waiting.ScanId, 1, Make.Batch(1, Make.Finding(0)), Make.Now));

        store.AddEngine(engine);
        Assert.Empty(store.ListScans());
        while (store.CleanUp())
        {
        }

        Assert.Equal((0, 0), (_folder.Count("findings"), _folder.Count("scans")));
        Assert.NotNull(store.GetEngine(engine.PairingId));
    }

    [Fact]
    public void What_one_process_left_of_a_removal_the_next_one_finishes()
    {
        using (IConsoleStore store = _folder.Console())
        {
            store.RemoveScan(Filled(store, Make.Engine()).ScanId);
        }

        using IConsoleStore next = _folder.Console();
        Assert.True(_folder.Count("findings") > 0);
        while (next.CleanUp())
        {
        }

        Assert.Equal(0, _folder.Count("findings"));
    }

    [Fact]
    public void A_denied_consoles_scans_and_spool_leave_the_engine()
    {
        using IEngineStore store = _folder.Engine();
        ConsoleRecord[] consoles = [Make.Console(), Make.Console()];
        foreach (ConsoleRecord console in consoles)
        {
            store.AddConsole(console);
            EngineScanRecord scan = Make.EngineScan(console.PairingId);
            store.AcceptScan(scan);
            for (int batch = 1; batch <= 200; batch++)
            {
                store.AppendBatch(console.PairingId, scan.ScanId, 1, Make.Batch(batch, Findings(batch, 20)));
            }
        }

        long each = store.SpooledBytes(consoles[0].PairingId);
        store.UpdateConsole(consoles[0].PairingId, console => console with { State = ConsoleState.Denied });
        while (store.CleanUp())
        {
        }

        Assert.Equal((0, each), (store.SpooledBytes(consoles[0].PairingId), store.SpooledBytes()));
        Assert.Equal(consoles[1].PairingId, Assert.Single(store.ListScans()).PairingId);
    }

    [Fact]
    public void A_store_of_before_is_read_as_it_was_and_what_is_removed_of_it_counts_as_room()
    {
        EngineRecord engine = Make.Engine();
        ScanRecord scan = Make.Scan(engine.PairingId);
        Schema before = ConsoleSchema.Schema with
        {
            Steps = [.. ConsoleSchema.Schema.Steps.TakeWhile(
                step => !step.Contains("CREATE TABLE banners", StringComparison.Ordinal))],
        };
        MakeOld();
        using (Database old = Database.Open(_folder.Path, before, new StoreOptions()))
        {
            old.Write(session =>
            {
                session.Execute(
                    """
                    INSERT INTO engines (pairing_id, name, name_key, port, direction, epoch, state, pins,
                        approved_by_engine, status, status_detail, registered)
                    VALUES ($1, 'lab', 'LAB', 40814, 'ConsoleToEngine', 0, 'Paired', '', 1, 'Unknown', '', 0)
                    """,
                    engine.PairingId);
                session.Execute(
                    """
                    INSERT INTO scans (scan_id, pairing_id, engine_name, request, state, attempt, queued,
                        targets_total, targets_done, finding_count, last_batch, stop_requested, detail)
                    VALUES ($1, $2, 'lab', $3, 'Running', 1, 0, 1, 0, 3000, 0, 0, '')
                    """,
                    scan.ScanId,
                    engine.PairingId,
                    Row.ToJson(scan.Request));
                for (int unit = 0; unit < 3_000; unit++)
                {
                    session.Execute(
                        "INSERT INTO findings (scan, unit, target, port, state, round_trip, banner) VALUES (1, $1, '10.0.0.1', 22, 0, 5, $2)", unit, new string('x', 1_000));
                }

                return true;
            });
        }

        using IConsoleStore store = _folder.Console();
        Assert.Single(Directory.GetFiles(_folder.Path, "store.db.v*.bak"));
        Assert.Equal(1_000, store.ReadFindings(scan.ScanId).First().Banner!.Length);
        Assert.Equal(3_000 * 48, store.ListUsage()[engine.PairingId].StoredBytes);
        Assert.Equal(
            BatchOutcome.Stored,
            store.SaveBatch(engine.PairingId, scan.ScanId, 1, Make.Batch(1, Make.Finding(3_000)), Make.Now));
        Assert.Equal("SSH-2.0-x", store.ReadFindings(scan.ScanId).Last().Banner);
        store.Check();

        Assert.True(store.RemoveEngine(engine.PairingId));
        Assert.True(_folder.Count("findings") > 0);
        while (store.CleanUp())
        {
        }

        Assert.Equal((0, 0), (_folder.Count("findings"), _folder.Count("scans")));
        Assert.True(store.Room().Reusable > 3_000 * 1_000);

        // Where there is room for it, a node that starts gives it back.
        store.KeepReserve();
        Assert.Equal(0, store.Room().Reusable);
        Assert.InRange(new FileInfo(_folder.File).Length, 1, 1 << 20);
        store.Check();
    }

    [Fact]
    public void While_a_store_is_copied_its_log_stays_short_and_the_copy_holds_together()
    {
        using var target = new TestFolder();
        using IConsoleStore store = _folder.Console();
        EngineRecord engine = Make.Engine();
        ScanRecord scan = Filled(store, engine);
        ScanRecord gone = Make.Scan(engine.PairingId);
        store.AddScan(gone);
        Save(store, gone, 1, Findings(0, 500));
        int batch = Many / 1_000;
        long longest = 0;
        int calls = 0;
        store.CopyTo(
            target.File,
            _ =>
            {
                if (calls++ == 5)
                {
                    store.RemoveScan(gone.ScanId);
                }

                batch++;
                Save(store, scan, batch, Findings(batch * 1_000, 1_000));
                longest = Math.Max(longest, new FileInfo(_folder.File + "-wal").Length);
            },
            CancellationToken.None);

        Assert.InRange(longest, 1, 8L << 20);
        using IConsoleStore copy = target.Console();
        copy.Check();
        Assert.Null(copy.GetScan(gone.ScanId));
        ScanRecord copied = copy.GetScan(scan.ScanId)!;
        Assert.InRange(copied.LastBatch, Many / 1_000, batch);
        Assert.Equal(copied.FindingCount, copy.ReadFindings(scan.ScanId).LongCount());
        Assert.True(copied.FindingCount >= Many);
        Assert.Equal(
            store.ReadFindings(scan.ScanId).Take(Many), copy.ReadFindings(scan.ScanId).Take(Many));
    }

    /// <summary>An empty file in the form of earlier versions: its pages are never given back.</summary>
    private void MakeOld()
    {
        using Microsoft.Data.Sqlite.SqliteConnection raw = new($"Data Source={_folder.File};Pooling=False");
        raw.Open();
        using Microsoft.Data.Sqlite.SqliteCommand command = raw.CreateCommand();
        command.CommandText = "PRAGMA auto_vacuum = NONE; PRAGMA journal_mode = WAL; VACUUM";
        command.ExecuteNonQuery();
    }

    private static ScanRecord Filled(IConsoleStore store, EngineRecord engine)
    {
        store.AddEngine(engine);
        ScanRecord scan = Make.Scan(engine.PairingId);
        store.AddScan(scan);
        for (int batch = 0; batch < Many / 1_000; batch++)
        {
            Save(store, scan, batch + 1, Findings(batch * 1_000, 1_000));
        }

        return scan;
    }

    private static void Save(IConsoleStore store, ScanRecord scan, long number, Finding[] findings) => Assert.Equal(
        BatchOutcome.Stored,
        store.SaveBatch(scan.PairingId, scan.ScanId, 1, Make.Batch(number, findings), Make.Now));

    private static Finding[] Findings(int from, int count) => [.. Enumerable.Range(from, count).Select(
        unit => Make.Finding(unit) with { Banner = unit % 10 == 0 ? new string('b', 1_000) : null })];
}
