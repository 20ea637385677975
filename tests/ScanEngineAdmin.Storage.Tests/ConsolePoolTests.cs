using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Storage.Tests;

/// <summary>Pools, and scans in parts: what a part finds is the whole scan's, and stays when its engine goes.</summary>
public sealed class ConsolePoolTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly IConsoleStore _store;
    private readonly EngineRecord _engine = Make.Engine();
    private readonly EnginePool _pool = new() { PoolId = Guid.NewGuid(), Name = "dmz", Created = Make.Now };

    public ConsolePoolTests()
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
    public void A_pool_has_a_name_of_its_own_and_engines_that_are_there()
    {
        _store.AddPool(_pool, [_engine.PairingId]);
        Assert.Equal(_pool, _store.FindPool("DMZ"));
        Assert.Equal(_engine.Name, Assert.Single(_store.ListPoolMembers(_pool.PoolId)).Name);
        Assert.Equal(
            FaultCode.PoolNameInUse,
            Fault(() => _store.AddPool(_pool with { PoolId = Guid.NewGuid(), Name = "Dmz" }, [])).Code);
        Assert.Equal(
            FaultCode.EngineNotFound,
            Fault(() => _store.UpdatePool(_pool.PoolId, now => now with { Name = "x" }, [Guid.NewGuid()], [])).Code);
        Assert.Equal("dmz", _store.GetPool(_pool.PoolId)!.Name);

        _store.UpdatePool(_pool.PoolId, now => now with { AwayAfter = TimeSpan.FromHours(1) }, [], [_engine.PairingId]);
        Assert.Empty(_store.ListPoolMembers(_pool.PoolId));
        Assert.Equal(TimeSpan.FromHours(1), _store.GetPool(_pool.PoolId)!.AwayAfter);
        Assert.True(_store.RemovePool(_pool.PoolId));
        Assert.False(_store.RemovePool(_pool.PoolId));
    }

    [Fact]
    public void Findings_of_parts_are_the_whole_scans_each_once_and_go_with_it()
    {
        ScanRecord scan = Added();
        ScanRecord first = Given(scan, from: 0);
        ScanRecord second = Given(scan, from: 5);
        Save(second, 1, [2, 3], cursor: 0);
        Save(first, 1, [0, 1, 2, 3, 4], cursor: 5);

        ScanRecord now = _store.GetScan(scan.ScanId)!;
        Assert.Equal((7L, Make.Now), (now.FindingCount, now.Started));
        Assert.Equal([0L, 1, 2, 3, 4, 7, 8], _store.ReadFindings(scan.ScanId).Select(finding => finding.Unit));
        Assert.Empty(_store.ReadFindings(first.ScanId));
        Assert.Equal(7, _store.ReadFindings(scan.ScanId).Count(finding => finding.Banner is not null));
        IReadOnlyDictionary<long, string> engines = _store.ListPartEngines(scan.ScanId);
        Assert.All(_store.ReadFindings(scan.ScanId), finding => Assert.Equal(_engine.Name, engines[finding.Part!.Value]));

        // What is withdrawn is fenced, and what another scans again is there once.
        _store.UpdateScan(second.ScanId, part => part with { State = ScanState.Stopped });
        Assert.Equal(BatchOutcome.Fenced, SaveBatch(second, 2, [4], cursor: 5));
        ScanRecord third = Given(scan, from: 5);
        Save(third, 1, [0, 1, 2, 3, 4], cursor: 5);
        Assert.Equal(
            Enumerable.Range(0, 10).Select(unit => (long)unit),
            _store.ReadFindings(scan.ScanId).Select(finding => finding.Unit));
        Assert.Equal(10, _store.GetScan(scan.ScanId)!.FindingCount);

        Assert.True(_store.ListUsage()[_engine.PairingId].StoredBytes > 0);
        Assert.True(_store.RemoveScan(scan.ScanId));
        Assert.Null(_store.GetScan(first.ScanId));
        Assert.Equal(0, _store.ListUsage()[_engine.PairingId].StoredBytes);
    }

    [Fact]
    public void An_engine_that_goes_leaves_its_parts_and_its_name()
    {
        ScanRecord scan = Added();
        ScanRecord part = Given(scan, from: 0);
        Save(part, 1, [0, 1], cursor: 2);

        Assert.True(_store.RemoveEngine(_engine.PairingId));
        while (_store.CleanUp())
        {
        }

        ScanPart left = Assert.Single(_store.GetPoolView(scan.ScanId)!.Parts);
        Assert.Equal((_pool.PoolId, _engine.Name, ScanState.Running), (left.PairingId, left.EngineName, left.State));
        Assert.Equal(2, _store.ReadFindings(scan.ScanId).Count());
        Assert.Equal(BatchOutcome.Fenced, SaveBatch(part, 2, [2], cursor: 3));
        Assert.Empty(_store.GetPoolView(scan.ScanId)!.Members);
    }

    [Fact]
    public void Old_scans_of_pools_go_whole_and_their_parts_never_alone()
    {
        ScanRecord scan = Added();
        ScanRecord part = Given(scan, from: 0);
        _store.UpdateScan(part.ScanId, now => now with { State = ScanState.Completed, Finished = Make.Now });
        Assert.Empty(_store.RemoveOldScans(Make.Now.AddDays(1), _ => Note()));

        _store.UpdateScan(scan.ScanId, now => now with { State = ScanState.Completed, Finished = Make.Now });
        Assert.Equal(scan.ScanId, Assert.Single(_store.RemoveOldScans(Make.Now.AddDays(1), _ => Note())).ScanId);
        Assert.Null(_store.GetScan(part.ScanId));
    }

    [Fact]
    public void An_engine_over_its_quota_pushes_out_no_findings_of_another()
    {
        EngineRecord other = Make.Engine("other");
        _store.AddEngine(other);
        ScanRecord scan = Added();
        Save(Given(scan, from: 0), 1, [0, 1, 2, 3, 4], cursor: 5);
        Save(Given(scan, from: 5, other), 1, [0], cursor: 1);
        _store.UpdateScan(scan.ScanId, now => now with { State = ScanState.Completed, Finished = Make.Now });

        _store.SetQuota(_engine.PairingId, 1);
        Assert.Empty(Expired());
        _store.SetQuota(other.PairingId, 1_000_000);
        Assert.Empty(Expired());

        _store.SetQuota(other.PairingId, 1);
        Assert.Equal([scan.ScanId], Expired());
    }

    [Fact]
    public void A_pools_scan_of_which_one_engine_has_all_findings_goes_when_that_engine_needs_the_room()
    {
        EngineRecord other = Make.Engine("other");
        _store.AddEngine(other);
        ScanRecord scan = Added();
        Save(Given(scan, from: 0), 1, [0, 1, 2, 3, 4], cursor: 5);
        Given(scan, from: 5, other);
        _store.UpdateScan(scan.ScanId, now => now with { State = ScanState.Completed, Finished = Make.Now });
        _store.SetQuota(_engine.PairingId, 1);

        Assert.Equal([scan.ScanId], Expired());
    }

    [Fact]
    public void Progress_is_that_of_all_parts_and_counts_no_target_twice()
    {
        ScanRecord scan = Added();
        ScanRecord first = Given(scan, from: 0);
        Save(first, 1, [0, 1], cursor: 2);
        Save(first, 2, [2], cursor: 3);
        Save(Given(scan, from: 5), 1, [0, 1, 2, 3, 4], cursor: 5);
        Assert.Equal(8, _store.GetScan(scan.ScanId)!.TargetsDone);

        // The same again, and a cursor that goes back or beyond the part, are no progress.
        SaveBatch(first, 2, [2], cursor: 3);
        Save(first, 3, [], cursor: 1);
        Assert.Equal(8, _store.GetScan(scan.ScanId)!.TargetsDone);
        Save(first, 4, [], cursor: 50);
        Assert.Equal(10, _store.GetScan(scan.ScanId)!.TargetsDone);
    }

    [Fact]
    public void What_does_not_change_is_not_written_and_a_pool_in_use_stays()
    {
        ScanRecord scan = Added();
        Assert.Equal([scan.ScanId], _store.ListPoolScans());
        Assert.Equal([scan.ScanId], _store.ListScans(unfinishedOnly: true).Select(one => one.ScanId));
        Given(scan, from: 0);
        Assert.Equal([scan.ScanId], _store.ListScans(unfinishedOnly: true).Select(one => one.ScanId));
        Assert.Null(_store.UpdatePoolScan(scan.ScanId, _ => null));
        Assert.Null(_store.UpdatePoolScan(Guid.NewGuid(), view => new PoolStep(view.Scan)));
        Assert.Equal(FaultCode.PoolInUse, Fault(() => _store.RemovePool(_pool.PoolId)).Code);
    }

    private ScanRecord Added()
    {
        _store.AddPool(_pool, [_engine.PairingId]);
        ScanRecord scan = Make.Scan(_pool.PoolId, ScanState.Running) with
        {
            IsPool = true,
            EngineName = _pool.Name,
            Started = null,
            FindingCount = 0,
            LastBatch = 0,
        };
        _store.AddScan(scan);
        return scan;
    }

    private Guid[] Expired() =>
        [.. _store.RemoveOldScans(Make.Now.AddDays(-365), _ => Note()).Select(gone => gone.ScanId)];

    private ScanRecord Given(ScanRecord scan, long from, EngineRecord? engine = null)
    {
        ScanRecord part = Make.Scan((engine ?? _engine).PairingId, ScanState.Running) with
        {
            ParentId = scan.ScanId,
            EngineName = _engine.Name,
            FirstUnit = from,
            PartUnits = 5,
            TargetsTotal = 5,
            Lease = TimeSpan.FromMinutes(15),
            Attempt = 1,
            LastBatch = 0,
            FindingCount = 0,
        };
        Assert.NotNull(_store.UpdatePoolScan(scan.ScanId, view => new PoolStep(view.Scan) { Given = part }));
        return part;
    }

    private void Save(ScanRecord part, long number, int[] units, long cursor) =>
        Assert.Equal(BatchOutcome.Stored, SaveBatch(part, number, units, cursor));

    private BatchOutcome SaveBatch(ScanRecord part, long number, int[] units, long cursor) => _store.SaveBatch(
        part.PairingId,
        part.ScanId,
        part.Attempt,
        new ScanBatch
        {
            Number = number,
            Findings = [.. units.Select(unit => new Finding(unit, $"10.0.0.{unit}", 80, PortState.Open, null, "hello"))],
            Cursor = cursor,
            TargetsTotal = 5,
            TargetsDone = cursor,
        },
        Make.Now);

    private static AuditEvent Note() =>
        new() { Time = Make.Now, Event = Events.ScanExpired, Actor = "console", Detail = string.Empty };

    private static ScanEngineException Fault(Action act) => Assert.Throws<ScanEngineException>(act);
}
