using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Stores;

internal sealed partial class ConsoleStore
{
    public IReadOnlyList<EngineRecord> ListEngines() =>
        Database.Read(session => ConsoleTables.Engines.List(session, "ORDER BY name_key"));

    public IReadOnlyList<(Guid PairingId, string Name)> ListConfirmedNames() => Database.Read(session =>
        session.List(
            "SELECT pairing_id, name FROM engines WHERE state <> 'Pending' OR pins <> ''",
            row => (row.Id(), row.Text())));

    public EngineRecord? GetEngine(Guid pairingId) =>
        Database.Read(session => ConsoleTables.Engines.First(session, ByPairing, pairingId));

    public EngineRecord? FindEngine(Guid engineId) =>
        Database.Read(session => ConsoleTables.Engines.First(session, "WHERE engine_id = $1", engineId));

    public EngineRecord? FindEngine(Fingerprint pin) =>
        Database.Read(session => ConsoleTables.Engines.First(session, "WHERE instr(pins, $1) > 0", pin.Hex));

    public EngineRecord? FindEngine(string name) =>
        Database.Read(session =>
            ConsoleTables.Engines.First(session, "WHERE name_key = $1", ConsoleTables.NameKey(name)));

    // A range of the index, up to the last character there is: LIKE would read every row.
    public IReadOnlyList<EngineRecord> ListEngines(string prefix, int most)
    {
        string key = ConsoleTables.NameKey(prefix);
        return Database.Read(session => ConsoleTables.Engines.List(
            session,
            "WHERE name_key >= $1 AND name_key < $1 || char(1114111) ORDER BY name_key LIMIT $2",
            key,
            most));
    }

    public void AddEngine(EngineRecord engine) => Database.Write(session =>
    {
        InsertEngine(session, engine);
        return true;
    });

    public EngineRecord? UpdateEngine(Guid pairingId, Func<EngineRecord, EngineRecord> change) =>
        Database.Write(session =>
        {
            EngineRecord? engine = ConsoleTables.Engines.First(session, ByPairing, pairingId);
            return engine is null ? null : ReplaceEngine(session, engine, change(engine));
        });

    public long VersionWithoutContacts => Database.NoticedVersion;

    public long EngineWrites => Database.Read(session => session.Number("SELECT count FROM engine_writes") ?? 0);

    public void SaveContacts(IReadOnlyCollection<EngineContact> contacts) => Database.WriteWithoutNotice(session =>
    {
        // A value that a contact does not have keeps its last one; the time of the next contact is always written.
        foreach (EngineContact contact in contacts)
        {
            session.Execute(
                """
                UPDATE engines SET status = $2, status_detail = $3, last_contact = coalesce($4, last_contact),
                    next_expected = $5, observed_address = coalesce($6, observed_address),
                    version = coalesce($7, version)
                WHERE pairing_id = $1
                """,
                contact.PairingId,
                contact.Status,
                contact.StatusDetail,
                contact.LastContact,
                contact.NextExpected,
                contact.ObservedAddress,
                contact.Version);
        }

        return true;
    });

    public void AddPendingEngine(EngineRecord engine, int capPerAddress, int capInAll)
    {
        if (engine.State != EngineState.Pending)
        {
            throw new ArgumentException("Only a pending engine counts against the caps.", nameof(engine));
        }

        var waiting = new PendingPairings("engines", "engine_id", capPerAddress, capInAll);
        Database.Write(session =>
        {
            waiting.Add(
                session, engine.PairingId, engine.EngineId, engine.ObservedAddress, to => InsertEngine(to, engine));
            return true;
        });
    }

    public bool RemoveEngine(Guid pairingId)
    {
        bool gone = Database.Write(session =>
        {
            // Parts of pools' scans stay with what was found, under the engine's name: they are the pool's from now on.
            session.Execute(
                """
                UPDATE scans SET pairing_id = (SELECT whole.pairing_id FROM scans AS whole
                    WHERE whole.scan_id = scans.parent)
                WHERE pairing_id = $1 AND parent IS NOT NULL
                """,
                pairingId);
            return session.Execute("DELETE FROM engines WHERE pairing_id = $1", pairingId) > 0;
        });
        CleanUpSome();
        return gone;
    }

    private static void InsertEngine(Session session, EngineRecord engine)
    {
        if (session.Text("SELECT name FROM engines WHERE pairing_id = $1", engine.PairingId) is { } name)
        {
            throw Conflict($"The pairing id {engine.PairingId} belongs to engine '{name}' already.", name);
        }

        RequireUnique(session, engine);

        // A pairing that comes back before all of it was removed: the earlier scans must not be its own.
        while (session.Number("SELECT 1 FROM leaving_engines WHERE pairing_id = $1", engine.PairingId) is not null)
        {
            RemoveScans(session, engine.PairingId.ToString("D"));
        }

        ConsoleTables.Engines.Insert(session, engine);
    }

    private static EngineRecord ReplaceEngine(Session session, EngineRecord engine, EngineRecord changed)
    {
        changed = changed with { PairingId = engine.PairingId };
        RequireUnique(session, changed);
        ConsoleTables.Engines.Update(session, engine, changed);
        return changed;
    }

    private static void RequireUnique(Session session, EngineRecord engine)
    {
        string? name = session.Text(
            "SELECT name FROM engines WHERE name_key = $1 AND pairing_id <> $2",
            ConsoleTables.NameKey(engine.Name),
            engine.PairingId);
        if (name is not null)
        {
            throw EngineName.InUse(name, engine.Name);
        }

        name = session.Text(
            "SELECT name FROM engines WHERE engine_id = $1 AND pairing_id <> $2", engine.EngineId, engine.PairingId);
        if (name is not null)
        {
            throw Conflict($"The engine id {engine.EngineId} belongs to engine '{name}' already.", engine.Name);
        }
    }

    private static ScanEngineException Conflict(string message, string target) => new(
        FaultCode.IdentityConflict,
        message,
        "If it is the same engine, remove the earlier one with Unregister-ScanEngine and pair again; if not, its data "
            + "folder was copied: delete the copy's and let it make an identity of its own.",
        target);
}
