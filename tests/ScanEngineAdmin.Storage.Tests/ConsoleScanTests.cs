using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Tests;

public sealed class ConsoleScanTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly IConsoleStore _store;
    private readonly EngineRecord _engine = Make.Engine();

    public ConsoleScanTests()
    {
        _store = _folder.Console();
        _store.AddEngine(_engine);
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_scan_comes_back_as_it_was_stored()
    {
        ScanRecord scan = Make.Scan(_engine.PairingId, ScanState.Stopped) with
        {
            Request = Make.Request() with
            {
                Timeout = TimeSpan.FromMilliseconds(1234.5678),
                Parallelism = 7,
                MaxRate = 8,
                BannerTimeout = TimeSpan.FromTicks(3),
            },
            Attempt = 3,
            Started = Make.Now.AddTicks(1),
            Finished = Make.Now.AddTicks(2),
            TargetsTotal = 1L << 40,
            TargetsDone = 5,
            FindingCount = 6,
            LastBatch = 7,
            StopRequested = true,
            Detail = "because",
            Cause = ScanCause.DeadlinePassed,
            CauseSince = Make.Now.AddTicks(4),
            LastInterruption = ScanCause.LinkLost,
            Interruptions = 9,
            EngineBootId = Guid.NewGuid(),
            Cursor = 1L << 41,
            Deadline = Make.Now.AddTicks(5),
            DeadlineAfter = TimeSpan.FromTicks(6),
            Priority = ScanPriority.High,
            MaxAttempts = 10,
            FailedAttempts = 11,
            NotBefore = Make.Now.AddTicks(7),
        };
        _store.AddScan(scan);
        AssertSame(scan, _store.GetScan(scan.ScanId));
        Assert.Null(_store.GetScan(Guid.NewGuid()));

        ScanRecord bare = Make.Scan(_engine.PairingId);
        _store.AddScan(bare);
        AssertSame(bare, _store.GetScan(bare.ScanId));
    }

    [Fact]
    public void A_scan_and_the_note_of_it_are_there_together_or_not_at_all()
    {
        ScanRecord scan = Make.Scan(_engine.PairingId, ScanState.Queued);
        AuditEvent note = Note("ScanQueued");

        Assert.Throws<ScanEngineException>(() => _store.AddScan(scan, note with { Subject = null! }));
        Assert.Null(_store.GetScan(scan.ScanId));

        _store.AddScan(scan, note);
        Assert.NotNull(_store.GetScan(scan.ScanId));
        Assert.Equal("ScanQueued", Assert.Single(_store.ListEvents(9)).Event);
    }

    [Fact]
    public void A_change_of_a_scan_and_the_note_of_it_are_there_together_or_not_at_all()
    {
        ScanRecord scan = Make.Scan(_engine.PairingId, ScanState.Queued);
        _store.AddScan(scan);
        ScanRecord Stop(ScanRecord was) => was with { State = ScanState.Stopped };

        Assert.Throws<ScanEngineException>(
            () => _store.UpdateScan(scan.ScanId, Stop, _ => Note("ScanStopped") with { Subject = null! }));
        Assert.Equal(ScanState.Queued, _store.GetScan(scan.ScanId)!.State);

        _store.UpdateScan(scan.ScanId, Stop, was => Note($"{was.State}"));
        _store.UpdateScan(scan.ScanId, Stop, _ => null);
        Assert.Equal("Stopped", Assert.Single(_store.ListEvents(9)).Event);
    }

    [Fact]
    public void A_scan_that_is_removed_and_the_note_of_it_go_together_or_not_at_all()
    {
        ScanRecord scan = Make.Scan(_engine.PairingId, ScanState.Queued);
        _store.AddScan(scan);

        Assert.Throws<ScanEngineException>(
            () => _store.RemoveScan(scan.ScanId, _ => Note("ScanRemoved") with { Subject = null! }));
        Assert.Throws<TimeoutException>(() => _store.RemoveScan(scan.ScanId, _ => throw new TimeoutException()));
        Assert.NotNull(_store.GetScan(scan.ScanId));

        Assert.True(_store.RemoveScan(scan.ScanId, was => Note($"Removed {was.State}")));
        Assert.Null(_store.GetScan(scan.ScanId));
        Assert.Equal("Removed Queued", Assert.Single(_store.ListEvents(9)).Event);
        Assert.False(_store.RemoveScan(scan.ScanId, _ => Note("Again")));
        Assert.Single(_store.ListEvents(9));
    }

    [Fact]
    public void A_scan_of_no_engine_is_refused() =>
        TestFolder.Fails(FaultCode.EngineNotFound, () => _store.AddScan(Make.Scan(Guid.NewGuid())));

    private AuditEvent Note(string name) => new()
    {
        Time = Make.Now,
        Event = name,
        PairingId = _engine.PairingId,
        Subject = "lab",
        Actor = "admin",
    };

    [Fact]
    public void Scans_are_listed_oldest_first_by_engine_and_unfinished_and_counted_while_they_run()
    {
        EngineRecord other = Make.Engine("other");
        EngineRecord idle = Make.Engine("idle");
        _store.AddEngine(other);
        _store.AddEngine(idle);
        EngineRecord done = Make.Engine("done");
        _store.AddEngine(done);
        ScanRecord[] scans =
        [
            Make.Scan(_engine.PairingId, ScanState.Running) with { Queued = Make.Now.AddMinutes(3) },
            Make.Scan(_engine.PairingId, ScanState.Dispatched) with { Queued = Make.Now.AddMinutes(1) },
            Make.Scan(other.PairingId, ScanState.Running) with { Queued = Make.Now.AddMinutes(2) },
            Make.Scan(other.PairingId, ScanState.Completed),
            Make.Scan(idle.PairingId, ScanState.Queued) with { Queued = Make.Now.AddMinutes(4) },
            Make.Scan(done.PairingId, ScanState.Completed) with { Queued = Make.Now.AddMinutes(5) },
        ];
        Array.ForEach(scans, scan => _store.AddScan(scan));

        Assert.Equal(Ids(3, 1, 2, 0, 4, 5), _store.ListScans().Select(scan => scan.ScanId));
        Assert.Equal(Ids(1, 2, 0, 4), _store.ListScans(unfinishedOnly: true).Select(scan => scan.ScanId));
        Assert.Equal(Ids(3, 2), _store.ListScans(other.PairingId).Select(scan => scan.ScanId));
        Assert.Equal(Ids(2), _store.ListScans(other.PairingId, true).Select(scan => scan.ScanId));
        Assert.Equal(
            new Dictionary<Guid, int> { [_engine.PairingId] = 2, [other.PairingId] = 1 }, _store.CountRunningScans());
        Assert.Equal(
            new[] { _engine, other, idle }.Select(engine => engine.PairingId).Order(), _store.ListPairingsWithScans().Order());

        IEnumerable<Guid> Ids(params int[] at) => at.Select(i => scans[i].ScanId);
    }

    [Fact]
    public void Updating_changes_the_fresh_record_and_a_throwing_change_changes_nothing()
    {
        ScanRecord scan = Make.Scan(_engine.PairingId);
        _store.AddScan(scan);
        using IConsoleStore other = _folder.Console();
        Parallel.For(0, 20, i => (i % 2 == 0 ? _store : other).UpdateScan(
            scan.ScanId, was => was with { TargetsDone = was.TargetsDone + 1 }));
        Assert.Equal(20, _store.GetScan(scan.ScanId)!.TargetsDone);

        Assert.Throws<TimeoutException>(() => _store.UpdateScan(scan.ScanId, _ => throw new TimeoutException()));
        Assert.Equal(20, other.GetScan(scan.ScanId)!.TargetsDone);
        Assert.Null(_store.UpdateScan(Guid.NewGuid(), was => was));
    }

    [Fact]
    public void The_first_batch_starts_the_scan_and_the_final_one_ends_it()
    {
        ScanRecord scan = Make.Scan(_engine.PairingId);
        _store.AddScan(scan);
        Assert.Equal(BatchOutcome.Stored, Save(scan, Make.Batch(1, Make.Finding(0), Make.Finding(1))));
        AssertSame(
            scan with
            {
                State = ScanState.Running,
                Started = Make.Now,
                TargetsTotal = 4,
                TargetsDone = 1,
                FindingCount = 2,
                LastBatch = 1,
                Cursor = 10,
            },
            _store.GetScan(scan.ScanId));

        ScanBatch last = Make.Batch(2) with { Final = ScanState.Failed, Detail = "no name" };
        Assert.Equal(
            BatchOutcome.Stored, _store.SaveBatch(scan.PairingId, scan.ScanId, 1, last, Make.Now.AddMinutes(1)));
        ScanRecord ended = _store.GetScan(scan.ScanId)!;
        Assert.Equal(ScanState.Failed, ended.State);
        Assert.Equal("no name", ended.Detail);
        Assert.Equal(Make.Now, ended.Started);
        Assert.Equal(Make.Now.AddMinutes(1), ended.Finished);
    }

    [Fact]
    public void A_batch_is_stored_once_in_order_and_a_finding_counts_once()
    {
        ScanRecord scan = Make.Scan(_engine.PairingId);
        _store.AddScan(scan);
        Assert.Equal(BatchOutcome.OutOfOrder, Save(scan, Make.Batch(2, Make.Finding(5))));
        Assert.Equal(BatchOutcome.Stored, Save(scan, Make.Batch(1, Make.Finding(0), Make.Finding(1))));
        Assert.Equal(BatchOutcome.Duplicate, Save(scan, Make.Batch(1, Make.Finding(7))));
        Assert.Equal(BatchOutcome.Stored, Save(scan, Make.Batch(2, Make.Finding(1, "changed"), Make.Finding(2))));

        Assert.Equal(3, _store.GetScan(scan.ScanId)!.FindingCount);
        Assert.Equal(
            [Make.Finding(0), Make.Finding(1), Make.Finding(2)], _store.ReadFindings(scan.ScanId));
    }

    [Fact]
    public void A_batch_of_another_attempt_pairing_or_of_a_finished_or_unknown_scan_is_fenced()
    {
        ScanRecord scan = Make.Scan(_engine.PairingId);
        _store.AddScan(scan);
        ScanBatch batch = Make.Batch(1, Make.Finding(0));
        Assert.Equal(BatchOutcome.Fenced, _store.SaveBatch(scan.PairingId, Guid.NewGuid(), 1, batch, Make.Now));
        Assert.Equal(BatchOutcome.Fenced, _store.SaveBatch(Guid.NewGuid(), scan.ScanId, 1, batch, Make.Now));
        Assert.Equal(BatchOutcome.Fenced, _store.SaveBatch(scan.PairingId, scan.ScanId, 0, batch, Make.Now));
        Assert.Equal(BatchOutcome.Fenced, _store.SaveBatch(scan.PairingId, scan.ScanId, 2, batch, Make.Now));
        _store.UpdateScan(scan.ScanId, was => was with { State = ScanState.Stopped });
        Assert.Equal(BatchOutcome.Fenced, Save(scan, batch));
        Assert.Empty(_store.ReadFindings(scan.ScanId));
    }

    [Fact]
    public void The_same_batch_sent_to_many_threads_and_two_stores_is_stored_once()
    {
        ScanRecord scan = Make.Scan(_engine.PairingId);
        _store.AddScan(scan);
        using IConsoleStore other = _folder.Console();
        BatchOutcome[] outcomes = new BatchOutcome[16];
        Parallel.For(0, outcomes.Length, i => outcomes[i] = (i % 2 == 0 ? _store : other).SaveBatch(
            scan.PairingId, scan.ScanId, 1, Make.Batch(1, Make.Finding(0)), Make.Now));
        Assert.Single(outcomes, BatchOutcome.Stored);
        Assert.Equal(15, outcomes.Count(outcome => outcome == BatchOutcome.Duplicate));
    }

    [Fact]
    public void A_finding_keeps_what_it_has_and_what_it_lacks()
    {
        ScanRecord scan = Make.Scan(_engine.PairingId);
        _store.AddScan(scan);
        Finding[] findings =
        [
            new(1, "host.example", 65535, PortState.Filtered, null, null),
            new(ScanLimits.MaxUnits - 1, "::1", 1, PortState.Closed, TimeSpan.Zero, string.Empty),
        ];
        Save(scan, Make.Batch(1, findings));
        Assert.Equal(findings, _store.ReadFindings(scan.ScanId));
        Assert.Equal([findings[1]], _store.ReadFindings(scan.ScanId, afterUnit: 1));
        Assert.Empty(_store.ReadFindings(Guid.NewGuid()));
    }

    [Fact]
    public void A_hundred_thousand_findings_are_streamed_while_batches_are_written_and_reading_may_stop_early()
    {
        ScanRecord scan = Make.Scan(_engine.PairingId);
        _store.AddScan(scan);
        for (int batch = 0; batch < 20; batch++)
        {
            Save(scan, Make.Batch(
                batch + 1, [.. Enumerable.Range(0, 5000).Select(i => Make.Finding((batch * 5000) + i))]));
        }

        using (IEnumerator<Finding> early = _store.ReadFindings(scan.ScanId).GetEnumerator())
        {
            Assert.True(early.MoveNext());

            // Neither a reader that has not finished nor one that is never disposed holds anything.
            IEnumerator<Finding> abandoned = _store.ReadFindings(scan.ScanId).GetEnumerator();
            Assert.True(abandoned.MoveNext());
            Assert.Equal(BatchOutcome.Stored, Save(scan, Make.Batch(21, Make.Finding(100_000))));
        }

        long expected = 0;
        foreach (Finding finding in _store.ReadFindings(scan.ScanId))
        {
            Assert.Equal(expected++, finding.Unit);
        }

        Assert.Equal(100_001, expected);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(8)]
    public void Findings_are_complete_whatever_their_number_is_to_the_size_of_a_piece(int count)
    {
        using IConsoleStore store = _folder.Console(new StoreOptions { FindingsPerRead = 4 });
        ScanRecord scan = Make.Scan(_engine.PairingId);
        store.AddScan(scan);
        Finding[] findings = [.. Enumerable.Range(0, count).Select(i => Make.Finding(i))];
        Save(scan, Make.Batch(1, findings));
        Assert.Equal(findings, store.ReadFindings(scan.ScanId));
    }

    [Fact]
    public void A_removed_scan_takes_its_findings_along()
    {
        ScanRecord scan = Make.Scan(_engine.PairingId);
        _store.AddScan(scan);
        Save(scan, Make.Batch(1, Make.Finding(0)));
        Assert.True(_store.RemoveScan(scan.ScanId));
        Assert.False(_store.RemoveScan(scan.ScanId));
        Assert.Equal(0, _folder.Count("findings"));
        _store.AddScan(scan);
        Assert.Empty(_store.ReadFindings(scan.ScanId));
    }

    private BatchOutcome Save(ScanRecord scan, ScanBatch batch) =>
        _store.SaveBatch(scan.PairingId, scan.ScanId, 1, batch, Make.Now);

    private static void AssertSame(ScanRecord expected, ScanRecord? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.Request.Targets, actual.Request.Targets);
        Assert.Equal(expected.Request.Exclude, actual.Request.Exclude);
        Assert.Equal(
            expected.Request,
            actual.Request with { Targets = expected.Request.Targets, Exclude = expected.Request.Exclude });
        Assert.Equal(expected, actual with { Request = expected.Request });
    }
}
