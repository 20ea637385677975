using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Admin;

/// <summary>What a watch tells of a store that others write.</summary>
public sealed class EngineWatchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly IConsoleStore _store;
    private readonly ManualTime _time = new();
    private readonly EngineRecord _engine = new()
    {
        PairingId = Guid.NewGuid(),
        EngineId = Guid.NewGuid(),
        Name = "lab",
        Direction = CommunicationDirection.ConsoleToEngine,
        State = EngineState.Paired,
        Status = CommunicationStatus.Active,
        Registered = DateTimeOffset.UnixEpoch,
    };

    public EngineWatchTests()
    {
        _store = new SqliteStoreProvider().OpenConsole(_folder.Path);
        _store.AddEngine(_engine);
        _store.AddEvent(Event("before"));
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void What_was_so_before_is_not_told_and_what_comes_is_told_once()
    {
        var watch = new EngineWatch(_store, _time);
        Assert.Empty(watch.Look());
        _store.AddEvent(Event("one"));
        _store.AddEvent(Event("two"));

        Assert.Equal(["one", "two"], watch.Look().Select(told => told.Detail));
        Assert.Empty(watch.Look());
    }

    [Fact]
    public void An_engine_is_lost_and_connected_and_one_that_comes_paired_is_connected()
    {
        var watch = new EngineWatch(_store, _time);
        watch.Look();
        Set(CommunicationStatus.NotResponding);
        AuditEvent lost = Assert.Single(watch.Look());
        Assert.Equal(
            (Events.EngineLost, "lab", "NotResponding: why", _time.GetUtcNow()),
            (lost.Event, lost.Subject, lost.Detail, lost.Time));
        Set(CommunicationStatus.Incompatible);
        Assert.Empty(watch.Look());
        Set(CommunicationStatus.Active);
        Assert.Equal(Events.EngineConnected, Assert.Single(watch.Look()).Event);
        _store.AddEngine(_engine with { PairingId = Guid.NewGuid(), EngineId = Guid.NewGuid(), Name = "new" });
        Assert.Equal("new", Assert.Single(watch.Look()).Subject);
        _store.RemoveEngine(_engine.PairingId);
        Assert.Empty(watch.Look());

        void Set(CommunicationStatus status) => _store.UpdateEngine(
            _engine.PairingId, engine => engine with { Status = status, StatusDetail = "why" });
    }

    [Fact]
    public void A_scan_that_finishes_is_told_once_also_where_nobody_saw_it_under_way()
    {
        var watch = new EngineWatch(_store, _time);
        ScanRecord seen = Add(ScanState.Running);
        watch.Look();
        ScanRecord quick = Add(ScanState.Completed);
        _store.AddEvent(Event($"{quick.ScanId:D}: 1 targets, 1 ports") with { Event = Events.ScanQueued });
        _store.UpdateScan(
            seen.ScanId, scan => scan with { State = ScanState.Failed, Cause = ScanCause.DeadlinePassed });

        AuditEvent[] told = [.. watch.Look().Where(one => one.Event == Events.ScanFinished)];

        Assert.Equal(
            [$"{seen.ScanId:D}: Failed, 0 findings, DeadlinePassed", $"{quick.ScanId:D}: Completed, 0 findings"],
            told.Select(one => one.Detail));
        Assert.Empty(watch.Look());
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public void More_events_than_one_read_has_are_all_told_in_their_order()
    {
        var watch = new EngineWatch(_store, _time);
        watch.Look();
        string[] all = [.. Enumerable.Range(0, 1_205).Select(i => $"{i}")];
        foreach (string one in all)
        {
            _store.AddEvent(Event(one));
        }

        Assert.Equal(all, watch.Look().Select(told => told.Detail));
    }

    [Fact]
    public async Task It_ends_in_its_time_and_when_whoever_is_told_has_enough()
    {
        var watch = new EngineWatch(_store, TimeProvider.System);
        await watch.RunAsync(_ => true, TimeSpan.Zero, CancellationToken.None);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var second = new EngineWatch(_store, TimeProvider.System);
        second.Look();
        _store.AddEvent(Event("one"));
        _store.AddEvent(Event("two"));
        var told = new List<string>();
        await second.RunAsync(
            one =>
            {
                told.Add(one.Detail);
                return false;
            },
            null,
            patience.Token);
        Assert.Equal(["one"], told);
    }

    private static AuditEvent Event(string detail) => new()
    {
        Time = DateTimeOffset.UnixEpoch,
        Event = Events.PolicySet,
        Class = AuditClass.Admin,
        Detail = detail,
    };

    private ScanRecord Add(ScanState state)
    {
        var scan = new ScanRecord
        {
            ScanId = Guid.NewGuid(),
            PairingId = _engine.PairingId,
            EngineName = "lab",
            Request = new ScanRequest { Targets = ["10.0.0.1"], Ports = "22" },
            State = state,
            Attempt = 1,
            Queued = DateTimeOffset.UnixEpoch,
        };
        _store.AddScan(scan);
        return scan;
    }
}
