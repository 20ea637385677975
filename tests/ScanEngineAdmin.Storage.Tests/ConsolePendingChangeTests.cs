using Microsoft.Data.Sqlite;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage.Sqlite;
using ScanEngineAdmin.Storage.Stores;

namespace ScanEngineAdmin.Storage.Tests;

public sealed class ConsolePendingChangeTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly EngineRecord _engine = Make.Engine();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_pending_change_comes_back_as_it_was_stored_and_a_later_one_takes_its_place()
    {
        using IConsoleStore store = _folder.Console();
        store.AddEngine(_engine);
        Assert.Null(store.GetPendingChange(_engine.PairingId));
        PendingDirectionChange bare = PendingChange(_engine.PairingId);
        store.SetPendingChange(bare);
        Assert.Equal(bare, store.GetPendingChange(_engine.PairingId));

        PendingDirectionChange full = bare with
        {
            Address = "192.0.2.1",
            Port = 1,
            ConsoleAddress = "192.0.2.2",
            ConsolePort = 2,
            ChangeId = Guid.NewGuid(),
            Attempts = 3,
            NotBefore = Make.Now.AddTicks(3),
            Detail = "nobody answered",
        };
        store.SetPendingChange(full);

        using IConsoleStore other = _folder.Console();
        Assert.Equal(full, Assert.Single(other.ListPendingChanges()));
    }

    [Fact]
    public void A_pending_change_is_changed_in_one_step_and_removed_once()
    {
        using IConsoleStore store = _folder.Console();
        store.AddEngine(_engine);
        Assert.Null(store.UpdatePendingChange(_engine.PairingId, pending => pending));
        store.SetPendingChange(PendingChange(_engine.PairingId));

        PendingDirectionChange? changed = store.UpdatePendingChange(
            _engine.PairingId, pending => pending with { Attempts = 1, PairingId = Guid.NewGuid() });

        Assert.Equal((1, _engine.PairingId), (changed!.Attempts, changed.PairingId));
        Assert.Equal(changed, store.GetPendingChange(_engine.PairingId));
        Assert.False(store.RemovePendingChange(_engine.PairingId, CommunicationDirection.ConsoleToEngine));
        Assert.True(store.RemovePendingChange(_engine.PairingId, CommunicationDirection.EngineToConsole));
        store.SetPendingChange(changed);
        Assert.True(store.RemovePendingChange(_engine.PairingId));
        Assert.False(store.RemovePendingChange(_engine.PairingId));
    }

    [Fact]
    public void A_pending_change_needs_its_engine_and_goes_with_it()
    {
        using IConsoleStore store = _folder.Console();
        TestFolder.Fails(FaultCode.EngineNotFound, () => store.SetPendingChange(PendingChange(Guid.NewGuid())));
        store.AddEngine(_engine);
        store.SetPendingChange(PendingChange(_engine.PairingId));
        store.RemoveEngine(_engine.PairingId);
        Assert.Empty(store.ListPendingChanges());
    }

    [Fact]
    public void A_store_of_the_first_version_is_copied_and_brought_up_with_its_engines()
    {
        Schema first = ConsoleSchema.Schema with { Steps = [ConsoleSchema.Schema.Steps[0]] };
        using (Database old = Database.Open(_folder.Path, first, new StoreOptions()))
        {
            old.Write(session => session.Execute(
                """
                INSERT INTO engines (pairing_id, name, name_key, port, direction, epoch, state, pins,
                    approved_by_engine, status, status_detail, registered)
                VALUES ($1, 'lab', 'LAB', 40814, 'EngineToConsole', 6, 'Paired', '', 1, 'Active', '', 0)
                """,
                _engine.PairingId));
        }

        using (IConsoleStore store = _folder.Console())
        {
            EngineRecord kept = Assert.Single(store.ListEngines());
            Assert.Equal((_engine.PairingId, 6L, null), (kept.PairingId, kept.Epoch, kept.ReportedDirection));
            store.SetPendingChange(PendingChange(kept.PairingId));
            Assert.Single(store.ListPendingChanges());
        }

        SqliteConnectionStringBuilder copy = new() { DataSource = _folder.File + ".v1.bak", Pooling = false };
        using SqliteConnection backup = new(copy.ToString());
        backup.Open();
        using SqliteCommand count = backup.CreateCommand();
        count.CommandText = "SELECT count(*) FROM engines WHERE name = 'lab'";
        Assert.Equal(1L, count.ExecuteScalar());
    }

    private static PendingDirectionChange PendingChange(Guid pairingId) => new()
    {
        PairingId = pairingId,
        Direction = CommunicationDirection.EngineToConsole,
        Timeout = TimeSpan.FromSeconds(60),
        Requested = Make.Now,
        RequestedBy = "kim@host1",
    };
}
