using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage.Sqlite;
using ScanEngineAdmin.Storage.Stores;

namespace ScanEngineAdmin.Storage.Tests;

/// <summary>What a batch leaves of a scan over several attempts, and stores of earlier versions.</summary>
public sealed class ScanTermsTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly EngineRecord _engine = Make.Engine();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_that_begins_anew_takes_back_neither_progress_nor_cursor_and_doubles_nothing()
    {
        using IConsoleStore store = _folder.Console();
        ScanRecord scan = Added(store);
        Save(store, scan, 1, Make.Batch(1, Make.Finding(0)) with { Cursor = 30, TargetsDone = 3 });
        store.UpdateScan(scan.ScanId, was => was with { Attempt = 2, LastBatch = 0 });

        ScanBatch anew = Make.Batch(1, Make.Finding(0), Make.Finding(1));
        Save(store, scan, 2, anew with { Cursor = 2, TargetsTotal = 0, TargetsDone = 0 });

        ScanRecord now = store.GetScan(scan.ScanId)!;
        Assert.Equal((30L, 3L, 4L, 2L), (now.Cursor, now.TargetsDone, now.TargetsTotal, now.FindingCount));
        Assert.Equal(BatchOutcome.Fenced, store.SaveBatch(scan.PairingId, scan.ScanId, 1, Make.Batch(2), Make.Now));
    }

    [Fact]
    public void The_last_batch_and_what_becomes_of_the_scan_are_one()
    {
        using IConsoleStore store = _folder.Console();
        ScanRecord scan = Added(store);
        ScanBatch last = Make.Batch(1) with { Final = ScanState.Failed, Detail = "broken" };

        Assert.Throws<TimeoutException>(() => store.SaveBatch(
            scan.PairingId, scan.ScanId, 1, last, Make.Now, _ => throw new TimeoutException()));
        Assert.Equal((ScanState.Dispatched, 0L), (Read().State, Read().LastBatch));

        store.SaveBatch(scan.PairingId, scan.ScanId, 1, last, Make.Now, ended =>
        {
            Assert.Equal((ScanState.Failed, "broken", 1L), (ended.State, ended.Detail, ended.LastBatch));
            return ended with { State = ScanState.Queued, Cause = ScanCause.EngineFailed };
        });
        Assert.Equal((ScanState.Queued, ScanCause.EngineFailed), (Read().State, Read().Cause));

        // Its acknowledgement was lost, or it comes late: that attempt is over.
        Assert.Equal(BatchOutcome.Fenced, store.SaveBatch(scan.PairingId, scan.ScanId, 1, last, Make.Now));
        Assert.Equal(
            BatchOutcome.Fenced, store.SaveBatch(scan.PairingId, scan.ScanId, 1, last with { Number = 2 }, Make.Now));
        Assert.Equal(ScanState.Queued, Read().State);

        ScanRecord Read() => store.GetScan(scan.ScanId)!;
    }

    [Fact]
    public void Only_the_last_batch_settles()
    {
        using IConsoleStore store = _folder.Console();
        ScanRecord scan = Added(store);

        store.SaveBatch(scan.PairingId, scan.ScanId, 1, Make.Batch(1), Make.Now, _ => throw new TimeoutException());

        Assert.Equal(ScanState.Running, store.GetScan(scan.ScanId)!.State);
    }

    [Theory]
    [InlineData("Queued", "", ScanCause.None)]
    [InlineData("Running", "", ScanCause.None)]
    [InlineData("Completed", "a name did not resolve", ScanCause.None)]
    [InlineData("Stopped", "", ScanCause.StoppedByUser)]
    [InlineData("Failed", "ScanRefused: not from here", ScanCause.Refused)]
    [InlineData("Failed", "ProtocolViolation: what is that", ScanCause.ProtocolViolation)]
    [InlineData("Failed", "ScanFailed: no sockets", ScanCause.EngineFailed)]
    public void A_console_store_of_before_is_brought_up_with_what_can_be_known(
        string state, string detail, ScanCause cause)
    {
        Schema before = ConsoleSchema.Schema with { Steps = [.. ConsoleSchema.Schema.Steps.Take(2)] };
        var id = Guid.NewGuid();
        using (Database old = Database.Open(_folder.Path, before, new StoreOptions()))
        {
            old.Write(session =>
            {
                session.Execute(
                    """
                    INSERT INTO engines (pairing_id, name, name_key, port, direction, epoch, state, pins,
                        approved_by_engine, status, status_detail, registered)
                    VALUES ($1, 'lab', 'LAB', 40814, 'EngineToConsole', 6, 'Paired', '', 1, 'Active', '', 0)
                    """,
                    _engine.PairingId);
                return session.Execute(
                    """
                    INSERT INTO scans (scan_id, pairing_id, engine_name, request, state, attempt, queued, finished,
                        targets_total, targets_done, finding_count, last_batch, stop_requested, detail)
                    VALUES ($1, $2, 'lab', $3, $4, 1, 0, 7, 4, 1, 0, 2, 0, $5)
                    """,
                    id,
                    _engine.PairingId,
                    Row.ToJson(Make.Request()),
                    state,
                    detail);
            });
        }

        using IConsoleStore store = _folder.Console();
        ScanRecord scan = store.GetScan(id)!;
        Assert.Equal((cause, cause != ScanCause.None), (scan.Cause, scan.CauseSince is not null));
        Assert.Equal(
            (0L, null, ScanPriority.Normal, 3, 0),
            (scan.Cursor, scan.Deadline, scan.Priority, scan.MaxAttempts, scan.FailedAttempts));
        Assert.Equal((detail, 2L), (scan.Detail, scan.LastBatch));
    }

    [Fact]
    public void An_engine_store_of_before_is_brought_up_with_its_scans()
    {
        Schema before = EngineSchema.Schema with { Steps = [EngineSchema.Schema.Steps[0]] };
        ConsoleRecord console = Make.Console();
        var id = Guid.NewGuid();
        using (Database old = Database.Open(_folder.Path, before, new StoreOptions()))
        {
            old.Write(session =>
            {
                session.Execute(
                    """
                    INSERT INTO consoles (pairing_id, name, engine_name, state, direction, epoch, pins, port,
                        poll_interval, first_seen, consecutive_failures, connected)
                    VALUES ($1, 'c', 'lab', 'Paired', 'EngineToConsole', 6, '', 40815, 1, 0, 0, 0)
                    """,
                    console.PairingId);
                return session.Execute(
                    """
                    INSERT INTO scans (pairing_id, scan_id, attempt, request, state, cursor, last_batch,
                        acknowledged_batch, stop_requested, accepted)
                    VALUES ($1, $2, 2, $3, 'Running', 5, 0, 0, 0, 0)
                    """,
                    console.PairingId,
                    id,
                    Row.ToJson(Make.Request()));
            });
        }

        using IEngineStore store = _folder.Engine();
        EngineScanRecord scan = Assert.Single(store.ListScans(console.PairingId));
        Assert.Equal((id, 5L, null), (scan.ScanId, scan.Cursor, scan.Deadline));
    }

    private ScanRecord Added(IConsoleStore store)
    {
        store.AddEngine(_engine);
        ScanRecord scan = Make.Scan(_engine.PairingId);
        store.AddScan(scan);
        return scan;
    }

    private static void Save(IConsoleStore store, ScanRecord scan, int attempt, ScanBatch batch) => Assert.Equal(
        BatchOutcome.Stored, store.SaveBatch(scan.PairingId, scan.ScanId, attempt, batch, Make.Now));
}
