using Microsoft.Data.Sqlite;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage.Sqlite;
using ScanEngineAdmin.Storage.Stores;

namespace ScanEngineAdmin.Storage.Tests;

/// <summary>Rows as every version so far has written them: a store outlives the program that wrote it.</summary>
public sealed class RowFormatTests : IDisposable
{
    private const string Id = "11111111-2222-3333-4444-555555555555";
    private const string Node = "66666666-7777-8888-9999-000000000000";

    private static readonly string Pin = new('a', 64);

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_engines_row_is_read_and_written_as_ever()
    {
        using IConsoleStore store = _folder.Console();
        Execute($"""
            INSERT INTO engines (id, pairing_id, engine_id, name, name_key, address, port, direction, epoch, state,
                pins, observed_fingerprint, approved_by_engine, observed_address, status, status_detail, last_contact,
                next_expected, version, proposed_direction, registered, told_direction, told_epoch, told_change,
                told_applier)
            VALUES (1, '{Id}', '{Node}', 'Ärzte', 'ÄRZTE', 'lab.example.org', 40814, 'ConsoleToEngine', 7, 'Paired',
                '{Pin} {Pin}', '{Pin}', 1, '10.0.0.1', 'Active', 'ok', 639080000000000000,
                639080000000000001, '0.1.0', 'EngineToConsole', 639070000000000000, 'EngineToConsole', 6, '{Node}',
                0)
            """);

        EngineRecord engine = Assert.Single(store.ListEngines());

        Assert.Equal((Guid.Parse(Id), Guid.Parse(Node)), (engine.PairingId, engine.EngineId!.Value));
        Assert.Equal(("Ärzte", "lab.example.org", 40814), (engine.Name, engine.Address, engine.Port));
        Assert.Equal(
            (CommunicationDirection.ConsoleToEngine, 7L, EngineState.Paired),
            (engine.Direction, engine.Epoch, engine.State));
        Assert.Equal((2, Pin), (engine.Pins.Count, engine.ObservedFingerprint.Hex));
        Assert.Equal((true, "10.0.0.1"), (engine.ApprovedByEngine, engine.ObservedAddress));
        Assert.Equal((CommunicationStatus.Active, "ok", "0.1.0"), (engine.Status, engine.StatusDetail, engine.Version));
        Assert.Equal(1, (engine.NextExpected - engine.LastContact)!.Value.Ticks);
        Assert.Equal(new DateTimeOffset(639070000000000000, TimeSpan.Zero), engine.Registered);
        Assert.Equal(
            (CommunicationDirection.EngineToConsole, CommunicationDirection.EngineToConsole),
            (engine.ProposedDirection, engine.ReportedDirection));
        Assert.Equal(
            (6L, Guid.Parse(Node), false),
            (engine.ReportedEpoch, engine.ReportedChangeId, engine.ReportedApplier));
        AssertUnchangedBy("engines", () => store.UpdateEngine(engine.PairingId, same => same));
    }

    [Fact]
    public void Findings_of_before_have_no_address_and_no_time_and_later_ones_do()
    {
        Schema now = ConsoleSchema.Schema;
        int before = now.Steps.ToList().FindIndex(step => step.Contains("ADD COLUMN resolved", StringComparison.Ordinal));
        using (Database old = Database.Open(
            _folder.Path, now with { Steps = [.. now.Steps.Take(before)] }, new StoreOptions()))
        {
            old.Write(session =>
            {
                session.Execute("""
                    INSERT INTO engines (pairing_id, engine_id, name, name_key, port, direction, epoch, state, pins,
                        approved_by_engine, status, status_detail, registered)
                    VALUES ($1, $2, 'lab', 'LAB', 1, 'ConsoleToEngine', 0, 'Paired', '', 1, 'Active', '', 1)
                    """, Id, Node);
                session.Execute(
                    "INSERT INTO findings (scan, unit, target, port, state, round_trip) VALUES (1, 0, 'srv', 22, 0, 10)");
                return true;
            });
        }

        using IConsoleStore store = _folder.Console();
        ScanRecord scan = Make.Scan(Guid.Parse(Id));
        store.AddScan(scan);

        Finding read = Assert.Single(store.ReadFindings(scan.ScanId));

        Assert.Equal(("srv", null, null, null), (read.Target, read.Resolved, read.Found, read.Address));
    }

    [Fact]
    public void A_consoles_row_is_read_and_written_as_ever()
    {
        using IEngineStore store = _folder.Engine();
        Execute($"""
            INSERT INTO consoles (id, pairing_id, console_id, name, engine_name, state, direction, epoch, pins, address,
                port, observed_address, poll_interval, change_id, change_to, change_epoch, change_address, change_port,
                proposed_direction, first_seen, last_seen, last_poll, next_poll, consecutive_failures, last_error,
                connected)
            VALUES (1, '{Id}', NULL, 'c', 'e', 'Approved', 'EngineToConsole', 3, '', 'console.example.org',
                40815, NULL, 600000000, '{Node}', 'ConsoleToEngine', 4, 'a', 1,
                NULL, 639070000000000000, NULL, NULL, 639070000000000002, 5, 'no answer',
                1)
            """);

        ConsoleRecord console = Assert.Single(store.ListConsoles());

        Assert.Equal((Guid.Parse(Id), null), (console.PairingId, console.ConsoleId));
        Assert.Equal(("c", "e", ConsoleState.Approved), (console.Name, console.EngineName, console.State));
        Assert.Equal((CommunicationDirection.EngineToConsole, 3L), (console.Direction, console.Epoch));
        Assert.Empty(console.Pins);
        Assert.Equal(("console.example.org", 40815, null), (console.Address, console.Port, console.ObservedAddress));
        Assert.Equal(TimeSpan.FromMinutes(1), console.PollInterval);
        Assert.Equal(
            (Guid.Parse(Node), CommunicationDirection.ConsoleToEngine, 4L, "a", 1),
            (console.ChangeId!.Value, console.ChangeTo, console.ChangeEpoch, console.ChangeAddress,
                console.ChangePort));
        Assert.Equal(
            (null, null, null, 2L),
            (console.ProposedDirection, console.LastSeen, console.LastPoll,
                (console.NextPoll - console.FirstSeen)!.Value.Ticks));
        Assert.Equal((5, "no answer", true), (console.ConsecutiveFailures, console.LastError, console.Connected));
        AssertUnchangedBy("consoles", () => store.UpdateConsole(console.PairingId, same => same));
    }

    private void AssertUnchangedBy(string table, Action change)
    {
        List<object> before = Row(table);
        change();
        Assert.Equal(before, Row(table));
    }

    private List<object> Row(string table)
    {
        using SqliteConnection raw = Raw();
        using SqliteCommand command = raw.CreateCommand();
        command.CommandText = $"SELECT * FROM {table}";
        using SqliteDataReader reader = command.ExecuteReader();
        Assert.True(reader.Read());
        return [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetValue)];
    }

    private void Execute(string sql)
    {
        using SqliteConnection raw = Raw();
        using SqliteCommand command = raw.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private SqliteConnection Raw()
    {
        SqliteConnection raw = new($"Data Source={_folder.File};Pooling=False");
        raw.Open();
        return raw;
    }
}
