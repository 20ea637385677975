using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage.Stores;

namespace ScanEngineAdmin.Storage.Tests;

public sealed class EngineSpoolTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly IEngineStore _store;
    private readonly ConsoleRecord _console = Make.Console();
    private readonly EngineScanRecord _scan;

    public EngineSpoolTests()
    {
        _store = _folder.Engine();
        _store.AddConsole(_console);
        _scan = Make.EngineScan(_console.PairingId);
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_scan_is_taken_on_once_and_comes_back_as_it_was()
    {
        EngineScanRecord scan = _scan with
        {
            Cursor = 1L << 40,
            LastBatch = 3,
            AcknowledgedBatch = 2,
            StopRequested = true,
            State = ScanState.Stopped,
            Deadline = Make.Now.AddTicks(8),
        };
        AssertSame(scan, _store.AcceptScan(scan));
        AssertSame(scan, _store.AcceptScan(_scan));
        AssertSame(scan, _store.GetScan(scan.PairingId, scan.ScanId));
        AssertSame(scan, Assert.Single(_store.ListScans()));
        Assert.Single(_store.ListScans(scan.PairingId));
        Assert.Empty(_store.ListScans(Guid.NewGuid()));
        Assert.Null(_store.GetScan(Guid.NewGuid(), scan.ScanId));
        TestFolder.Fails(FaultCode.ConsoleNotFound, () => _store.AcceptScan(Make.EngineScan(Guid.NewGuid())));
    }

    [Fact]
    public void A_newer_attempt_replaces_the_older_with_its_spool_and_is_never_replaced_by_it()
    {
        _store.AcceptScan(_scan);
        Append(Make.Batch(1, Make.Finding(0)));
        EngineScanRecord newer = _scan with { Attempt = 2 };
        AssertSame(newer, _store.AcceptScan(newer));
        Assert.Equal(0, _store.SpooledBytes());
        AssertSame(newer, _store.AcceptScan(_scan));
        TestFolder.Fails(FaultCode.ScanNotFound, () => Append(Make.Batch(2)));
        Assert.Empty(_store.ReadBatches(_scan.PairingId, _scan.ScanId, 1, 0, 10));
    }

    [Fact]
    public void Batches_are_spooled_in_order_read_in_pieces_and_dropped_when_acknowledged()
    {
        _store.AcceptScan(_scan);
        Append(Make.Batch(1, Make.Finding(0)));
        Append(Make.Batch(2, Make.Finding(1)));
        Append(Make.Batch(3, Make.Finding(2)) with { Final = ScanState.Completed });
        EngineScanRecord scan = _store.GetScan(_scan.PairingId, _scan.ScanId)!;
        Assert.Equal((30, 3, ScanState.Completed), (scan.Cursor, scan.LastBatch, scan.State));
        Assert.Equal([1, 2], Read(0, 2));
        Assert.Equal([3], Read(2, 9));
        long full = _store.SpooledBytes();

        _store.AcknowledgeBatches(_scan.PairingId, _scan.ScanId, 1, 2);
        _store.AcknowledgeBatches(_scan.PairingId, _scan.ScanId, 1, 1);
        _store.AcknowledgeBatches(_scan.PairingId, _scan.ScanId, 2, 3);
        Assert.Equal(2, _store.GetScan(_scan.PairingId, _scan.ScanId)!.AcknowledgedBatch);
        Assert.Equal([3], Read(0, 9));
        Assert.InRange(_store.SpooledBytes(), 1, full - 1);

        _store.AcknowledgeBatches(_scan.PairingId, _scan.ScanId, 1, 99);
        Assert.Null(_store.GetScan(_scan.PairingId, _scan.ScanId));
        Assert.Equal((0, 0), (_store.SpooledBytes(), _folder.Count("leaving")));

        IEnumerable<long> Read(long after, int count) =>
            _store.ReadBatches(_scan.PairingId, _scan.ScanId, 1, after, count).Select(batch => batch.Number);
    }

    [Fact]
    public void A_scan_that_goes_on_stays_though_all_that_it_spooled_is_acknowledged()
    {
        _store.AcceptScan(_scan);
        Append(Make.Batch(1, Make.Finding(0)));

        _store.AcknowledgeBatches(_scan.PairingId, _scan.ScanId, 1, 1);

        Assert.Equal(1, _store.GetScan(_scan.PairingId, _scan.ScanId)!.AcknowledgedBatch);
        Assert.Equal(0, _store.SpooledBytes());
    }

    [Fact]
    public void A_batch_that_does_not_follow_changes_nothing()
    {
        _store.AcceptScan(_scan);
        TestFolder.Fails(FaultCode.InternalError, () => Append(Make.Batch(2)));
        AssertSame(_scan, _store.GetScan(_scan.PairingId, _scan.ScanId));
        Assert.Equal(0, _store.SpooledBytes());
    }

    [Fact]
    public void A_spooled_batch_comes_back_as_it_was()
    {
        ScanBatch batch = new()
        {
            Number = 1L << 33,
            Findings =
            [
                new(0, "a", 1, PortState.Open, TimeSpan.FromTicks(1L << 40), "hällo"),
                new(1, "a", 65535, PortState.Closed, null, null),
                new(1L << 50, "b", 443, PortState.Filtered, TimeSpan.Zero, string.Empty)
                {
                    Resolved = "192.0.2.7",
                    Found = DateTimeOffset.UnixEpoch.AddMilliseconds(1_800_000_000_123),
                },
            ],
            Cursor = 1L << 50,
            TargetsTotal = 3,
            TargetsDone = 2,
            Final = ScanState.Stopped,
            Detail = "stopped",
        };
        ScanBatch back = BatchCodec.Unpack(BatchCodec.Pack(batch));
        Assert.Equal(batch.Findings, back.Findings);
        Assert.Equal(batch, back with { Findings = batch.Findings });
    }

    /// <summary>What waited in the spool when the program was replaced is delivered.</summary>
    [Fact]
    public void A_batch_that_the_version_before_spooled_is_read()
    {
        // Version, number, cursor, targets, done, final, detail, count; then one finding: flags, unit, target, port,
        // state, round trip.
        byte[] spooled = [1, 1, 1, 1, 0, 0, 0, 1, 2, 0, 1, (byte)'a', 22, 0, 10];

        ScanBatch batch = BatchCodec.Unpack(spooled);

        Assert.Equal(
            new Finding(0, "a", 22, PortState.Open, TimeSpan.FromTicks(10), null), Assert.Single(batch.Findings));
    }

    [Fact]
    public void Removing_a_scan_or_its_console_takes_the_spool_along()
    {
        EngineScanRecord other = Make.EngineScan(_console.PairingId);
        _store.AcceptScan(_scan);
        _store.AcceptScan(other);
        Append(Make.Batch(1, Make.Finding(0)));
        long one = _store.SpooledBytes();
        _store.AppendBatch(other.PairingId, other.ScanId, 1, Make.Batch(1, Make.Finding(0)));
        Assert.Equal(2 * one, _store.SpooledBytes());

        Assert.False(_store.RemoveScan(_scan.PairingId, _scan.ScanId, _scan.Attempt - 1));
        Assert.True(_store.RemoveScan(_scan.PairingId, _scan.ScanId, _scan.Attempt));
        Assert.False(_store.RemoveScan(_scan.PairingId, _scan.ScanId, _scan.Attempt));
        Assert.Equal(one, _store.SpooledBytes());
        Assert.True(_store.RemoveConsole(_console.PairingId));
        Assert.False(_store.RemoveConsole(_console.PairingId));
        Assert.Equal(0, _store.SpooledBytes());
        Assert.Equal(0, _folder.Count("spool"));
        Assert.Empty(_store.ListScans());
    }

    [Fact]
    public void Updating_changes_the_fresh_scan_and_a_throwing_change_changes_nothing()
    {
        _store.AcceptScan(_scan);
        Assert.Throws<TimeoutException>(() => _store.UpdateScan(
            _scan.PairingId, _scan.ScanId, _ => throw new TimeoutException()));
        Assert.True(_store.UpdateScan(
            _scan.PairingId, _scan.ScanId, was => was with { StopRequested = true })!.StopRequested);
        AssertSame(_scan with { StopRequested = true }, _store.GetScan(_scan.PairingId, _scan.ScanId));
        Assert.Null(_store.UpdateScan(_scan.PairingId, Guid.NewGuid(), was => was));
    }

    private void Append(ScanBatch batch) => _store.AppendBatch(_scan.PairingId, _scan.ScanId, 1, batch);

    private static void AssertSame(EngineScanRecord expected, EngineScanRecord? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.Request.Targets, actual.Request.Targets);
        Assert.Equal(expected, actual with { Request = expected.Request });
    }
}
