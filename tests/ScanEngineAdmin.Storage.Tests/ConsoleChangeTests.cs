using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Tests;

public sealed class ConsoleChangeTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly IConsoleStore _store;
    private readonly EngineRecord _engine = Make.Engine();

    public ConsoleChangeTests()
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
    public void A_change_comes_back_as_it_was_stored()
    {
        ChangeRecord change = Make.Change(_engine.PairingId) with
        {
            State = ChangeState.RolledBack,
            Detail = "the engine did not answer",
            Fault = FaultCode.PeerSilent,
            Acknowledged = Make.Now.AddTicks(1),
            Address = "192.0.2.1",
            Port = 1,
            ConsoleAddress = "192.0.2.2",
            ConsolePort = 2,
            Decided = Make.Now.AddTicks(2),
        };
        _store.AddChange(change);
        Assert.Equal(change, _store.GetChange(change.ChangeId));

        ChangeRecord bare = Make.Change(_engine.PairingId);
        _store.AddChange(bare);
        Assert.Equal(bare, _store.GetChange(bare.ChangeId));
        Assert.Equal([bare, change], _store.ListChanges(_engine.PairingId));
        Assert.Equal([bare], _store.ListChanges(openOnly: true));
        Assert.Empty(_store.ListChanges(Guid.NewGuid()));
        Assert.Null(_store.GetChange(Guid.NewGuid()));
    }

    [Theory]
    [InlineData(ChangeState.Requested)]
    [InlineData(ChangeState.Preparing)]
    [InlineData(ChangeState.Proving)]
    [InlineData(ChangeState.Committed)]
    [InlineData(ChangeState.RolledBack)]
    public void A_second_change_waits_until_the_first_is_decided_and_acknowledged(ChangeState state)
    {
        ChangeRecord first = Make.Change(_engine.PairingId) with { State = state };
        _store.AddChange(first);
        ScanEngineException e = TestFolder.Fails(
            FaultCode.ChangeInProgress, () => _store.AddChange(Make.Change(_engine.PairingId)));
        Assert.Equal("lab", e.Target);
        Assert.Contains(state.ToString(), e.Message, StringComparison.Ordinal);
        Assert.Contains("kim@host1", e.Message, StringComparison.Ordinal);
        Assert.Contains("2026-03-04 05:06:07Z", e.Message, StringComparison.Ordinal);

        EngineRecord other = Make.Engine("other");
        _store.AddEngine(other);
        _store.AddChange(Make.Change(other.PairingId));
        _store.UpdateChange(first.ChangeId, (change, engine) =>
            (change with { State = ChangeState.Committed, Acknowledged = Make.Now }, engine));
        _store.AddChange(Make.Change(_engine.PairingId));
    }

    [Theory]
    [InlineData(ChangeState.Committed)]
    [InlineData(ChangeState.RolledBack)]
    public void A_change_that_another_has_overtaken_since_the_engine_was_looked_at_is_refused(ChangeState other)
    {
        ChangeRecord first = Make.Change(_engine.PairingId);
        ChangeRecord late = Make.Change(_engine.PairingId);
        _store.AddChange(first);
        _store.UpdateChange(first.ChangeId, (change, engine) => (
            change with { State = other, Acknowledged = Make.Now },
            engine with
            {
                Epoch = change.Epoch,
                Direction = other == ChangeState.Committed ? change.To : engine.Direction,
            }));

        ScanEngineException e = TestFolder.Fails(FaultCode.ChangeInProgress, () => _store.AddChange(late));

        Assert.Contains("epoch 1", e.Message, StringComparison.Ordinal);
        Assert.Equal([first.ChangeId], _store.ListChanges().Select(change => change.ChangeId));
        EngineRecord now = _store.GetEngine(_engine.PairingId)!;
        _store.AddChange(late with { From = now.Direction, Epoch = now.Epoch + 1 });
    }

    [Fact]
    public void A_change_from_a_direction_that_is_not_in_force_is_refused() => TestFolder.Fails(
        FaultCode.ChangeInProgress,
        () => _store.AddChange(Make.Change(_engine.PairingId) with { From = CommunicationDirection.EngineToConsole }));

    [Fact]
    public void Changes_are_kept_up_to_a_bound_and_what_something_still_needs_beside_it()
    {
        using IConsoleStore store = _folder.Console(new StoreOptions { KeptChanges = 5 });
        EngineRecord other = Make.Engine("other");
        store.AddEngine(other);
        store.AddChange(Make.Change(other.PairingId));
        ChangeRecord there = Committed(store, CommunicationDirection.EngineToConsole);
        ChangeRecord back = Committed(store, CommunicationDirection.ConsoleToEngine);
        ChangeRecord requested = RolledBack(store);
        store.SetPendingChange(new PendingDirectionChange
        {
            PairingId = _engine.PairingId,
            Direction = CommunicationDirection.EngineToConsole,
            Timeout = TimeSpan.FromSeconds(20),
            Requested = Make.Now,
            RequestedBy = "kim@host1",
            ChangeId = requested.ChangeId,
        });
        ChangeRecord[] tried = [.. Enumerable.Range(0, 20).Select(_ => RolledBack(store))];

        Assert.Equal(
            [.. tried.TakeLast(5).Reverse(), requested, back, there],
            store.ListChanges(_engine.PairingId).Select(change => tried.Append(requested).Append(back).Append(there)
                .Single(known => known.ChangeId == change.ChangeId)));
        Assert.Single(store.ListChanges(other.PairingId));

        store.RemovePendingChange(_engine.PairingId);
        RolledBack(store);
        Assert.Null(store.GetChange(requested.ChangeId));
    }

    private ChangeRecord Committed(IConsoleStore store, CommunicationDirection to) => Settled(
        store, to, ChangeState.Committed);

    private ChangeRecord RolledBack(IConsoleStore store) => Settled(
        store, CommunicationDirection.EngineToConsole, ChangeState.RolledBack);

    private ChangeRecord Settled(IConsoleStore store, CommunicationDirection to, ChangeState state)
    {
        EngineRecord now = store.GetEngine(_engine.PairingId)!;
        ChangeRecord change = Make.Change(_engine.PairingId) with
        {
            From = now.Direction,
            Direction = to,
            Epoch = now.Epoch + 1,
            ConsoleAddress = to == CommunicationDirection.EngineToConsole ? "192.0.2.1" : null,
        };
        store.AddChange(change);
        store.UpdateChange(change.ChangeId, (current, engine) => (
            current with { State = state, Acknowledged = Make.Now },
            engine with
            {
                Epoch = change.Epoch,
                Direction = state == ChangeState.Committed ? to : engine.Direction,
            }));
        return change;
    }

    [Fact]
    public void A_change_of_no_engine_is_refused() =>
        TestFolder.Fails(FaultCode.EngineNotFound, () => _store.AddChange(Make.Change(Guid.NewGuid())));

    [Fact]
    public void Of_many_changes_asked_for_at_once_one_is_taken()
    {
        using IConsoleStore other = _folder.Console();
        int taken = 0;
        Parallel.For(0, 12, i =>
        {
            try
            {
                (i % 2 == 0 ? _store : other).AddChange(Make.Change(_engine.PairingId));
                Interlocked.Increment(ref taken);
            }
            catch (ScanEngineException e) when (e.Code == FaultCode.ChangeInProgress)
            {
            }
        });
        Assert.Equal(1, taken);
    }

    [Fact]
    public void A_decision_changes_the_change_and_the_engine_together_or_neither()
    {
        ChangeRecord change = Make.Change(_engine.PairingId);
        _store.AddChange(change);
        EngineRecord blocker = Make.Engine("blocker");
        _store.AddEngine(blocker);

        Assert.Throws<TimeoutException>(
            () => _store.UpdateChange(change.ChangeId, (_, _) => throw new TimeoutException()));
        TestFolder.Fails(FaultCode.EngineNameInUse, () => _store.UpdateChange(
            change.ChangeId,
            (was, engine) => (was with { State = ChangeState.Committed }, engine with { Name = "blocker" })));
        Assert.Equal(change, _store.GetChange(change.ChangeId));

        var after = _store.UpdateChange(change.ChangeId, (was, engine) => (
            was with { State = ChangeState.Committed, Decided = Make.Now },
            engine with { Direction = was.To, Epoch = was.Epoch }));
        Assert.NotNull(after);
        using IConsoleStore other = _folder.Console();
        Assert.Equal(after.Value.Change, other.GetChange(change.ChangeId));
        Assert.True(after.Value.Change.IsDecided);
        Assert.Equal(CommunicationDirection.EngineToConsole, other.GetEngine(_engine.PairingId)!.Direction);
        Assert.Equal(1, other.GetEngine(_engine.PairingId)!.Epoch);
        Assert.Null(_store.UpdateChange(Guid.NewGuid(), (was, engine) => (was, engine)));
    }

    [Fact]
    public void A_note_is_written_with_the_change_or_the_decision_that_it_is_of_or_not_at_all()
    {
        ChangeRecord change = Make.Change(_engine.PairingId);
        _store.AddChange(change, Note("asked"));
        TestFolder.Fails(FaultCode.ChangeInProgress, () => _store.AddChange(
            Make.Change(_engine.PairingId), Note("asked again")));
        _store.AddEngine(Make.Engine("blocker"));
        TestFolder.Fails(FaultCode.EngineNameInUse, () => _store.UpdateChange(
            change.ChangeId, (was, engine) => (was, engine with { Name = "blocker" }), (_, _) => Note("taken name")));
        Assert.Null(_store.UpdateChange(
            Guid.NewGuid(), (was, engine) => (was, engine), (_, _) => Note("no such change")));

        _store.UpdateChange(
            change.ChangeId,
            (was, engine) => (was with { State = ChangeState.Committed, Decided = Make.Now }, engine),
            (decided, engine) => Note($"{decided.State} {engine.Name}"));

        using IConsoleStore other = _folder.Console();
        Assert.Equal([$"Committed {_engine.Name}", "asked"], other.ListEvents(10).Select(e => e.Detail));
    }

    private static AuditEvent Note(string detail) =>
        new() { Time = Make.Now, Event = "DirectionChanged", Actor = "kim@host1", Detail = detail };
}
