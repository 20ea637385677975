using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Stores;

internal sealed partial class ConsoleStore
{
    private const string ByPool = "WHERE pool_id = $1";

    private const string Unfinished = "state IN ('Queued', 'Dispatched', 'Running', 'Suspended')";

    public IReadOnlyList<EnginePool> ListPools() =>
        Database.Read(session => ConsoleTables.Pools.List(session, "ORDER BY name_key"));

    public EnginePool? GetPool(Guid poolId) =>
        Database.Read(session => ConsoleTables.Pools.First(session, ByPool, poolId));

    public EnginePool? FindPool(string name) => Database.Read(session =>
        ConsoleTables.Pools.First(session, "WHERE name_key = $1", ConsoleTables.NameKey(name)));

    public IReadOnlyList<PoolMember> ListPoolMembers(Guid poolId) => Database.Read(session => Members(session, poolId));

    public void AddPool(EnginePool pool, IReadOnlyCollection<Guid> members, AuditEvent? note = null) =>
        Database.Write(session =>
        {
            RequireUnique(session, pool);
            ConsoleTables.Pools.Insert(session, pool);
            Join(session, pool.PoolId, members);
            AddEvent(session, note);
            return true;
        });

    public EnginePool? UpdatePool(
        Guid poolId,
        Func<EnginePool, EnginePool> change,
        IReadOnlyCollection<Guid> add,
        IReadOnlyCollection<Guid> remove,
        AuditEvent? note = null) => Database.Write(session =>
        {
            EnginePool? pool = ConsoleTables.Pools.Change(session, ByPool, [poolId], pool =>
            {
                EnginePool changed = change(pool) with { PoolId = poolId };
                RequireUnique(session, changed);
                return changed;
            });
            if (pool is null)
            {
                return null;
            }

            foreach (Guid gone in remove)
            {
                session.Execute("DELETE FROM pool_members WHERE pool_id = $1 AND pairing_id = $2", poolId, gone);
            }

            Join(session, poolId, add);
            session.Execute(
                "UPDATE scans SET engine_name = $2 WHERE pairing_id = $1 AND pool <> 0", poolId, pool.Name);
            AddEvent(session, note);
            return pool;
        });

    public bool RemovePool(Guid poolId, AuditEvent? note = null) => Database.Write(session =>
    {
        if (session.Number($"SELECT 1 FROM scans WHERE pairing_id = $1 AND pool <> 0 AND {Unfinished}", poolId)
            is not null)
        {
            string name = session.Text($"SELECT name FROM pools {ByPool}", poolId) ?? string.Empty;
            throw new ScanEngineException(
                FaultCode.PoolInUse,
                $"Pool '{name}' has scans that are not finished.",
                "Stop them (Stop-EngineScan) and wait for their end, or take engines out: "
                    + $"Set-ScanEnginePool -PoolName '{name}' -RemoveEngine.",
                name);
        }

        bool gone = session.Execute($"DELETE FROM pools {ByPool}", poolId) > 0;
        if (gone)
        {
            AddEvent(session, note);
        }

        return gone;
    });

    public IReadOnlyDictionary<long, string> ListPartEngines(Guid scanId) => Database.Read(session => session
        .List(
            "SELECT id, engine_name FROM scans WHERE parent = $1",
            row => KeyValuePair.Create(row.Long(), row.Text()),
            scanId)
        .ToDictionary());

    public IReadOnlyList<Guid> ListPoolScans() => Database.Read(session => session.List(
        $"SELECT scan_id FROM scans WHERE pool <> 0 AND {Unfinished} ORDER BY queued, id", row => row.Id()));

    public PoolView? GetPoolView(Guid scanId) => Database.Read(session => View(session, scanId));

    public PoolStep? UpdatePoolScan(
        Guid scanId, Func<PoolView, PoolStep?> change, Func<ScanRecord, AuditEvent?>? note = null) =>
        Database.Write(session =>
        {
            if (View(session, scanId) is not { } view || change(view) is not { } step)
            {
                return null;
            }

            ConsoleTables.Scans.Update(session, view.Scan, step.Scan with { ScanId = scanId });
            foreach ((Guid part, Func<ScanRecord, ScanRecord> changed) in step.Parts)
            {
                ConsoleTables.Scans.Change(session, ByScan, [part], changed);
            }

            if (step.Given is { } given)
            {
                RequireEngine(session, given.PairingId);
                ConsoleTables.Scans.Insert(session, given);
            }

            AddEvent(session, note?.Invoke(step.Scan));
            return step;
        });

    private static PoolView? View(Session session, Guid scanId) =>
        ConsoleTables.Scans.First(session, $"{ByScan} AND pool <> 0", scanId) is { } scan
            ? new PoolView(
                scan,
                ConsoleTables.Pools.First(session, ByPool, scan.PairingId),
                Parts(session, scanId),
                Members(session, scan.PairingId))
            : null;

    // Without what the parts scan: there may be many.
    private static List<ScanPart> Parts(Session session, Guid scanId) => session.List(
        """
        SELECT scan_id, pairing_id, engine_name, first_unit, part_units, state, attempt, cursor, part_from, round, cause,
            detail, max_rate, queued, finished, stop_requested, suspension, lease
        FROM scans WHERE parent = $1 ORDER BY first_unit, id
        """,
        row => new ScanPart
        {
            ScanId = row.Id(),
            PairingId = row.Id(),
            EngineName = row.Text(),
            First = row.Long(),
            Units = row.Long(),
            State = row.Name<ScanState>(),
            Attempt = row.Int(),
            Cursor = row.Long(),
            From = row.Long(),
            Round = row.Int(),
            Cause = row.Name<ScanCause>(),
            Detail = row.Text(),
            MaxRate = row.Int(),
            Given = row.Time(),
            Finished = row.TimeOrNull(),
            StopRequested = row.Flag(),
            Suspension = row.Name<ScanSuspension>(),
            Lease = row.DurationOrNull() ?? EnginePool.DefaultAwayAfter,
        },
        scanId);

    private static List<PoolMember> Members(Session session, Guid poolId) => session.List(
        """
        SELECT engines.pairing_id, name, state, status, last_contact
        FROM pool_members JOIN engines ON engines.pairing_id = pool_members.pairing_id
        WHERE pool_id = $1 ORDER BY name_key
        """,
        row => new PoolMember(
            row.Id(),
            row.Text(),
            row.Name<EngineState>() == EngineState.Paired,
            row.Name<CommunicationStatus>() == CommunicationStatus.Active,
            row.TimeOrNull()),
        poolId);

    private static void Join(Session session, Guid poolId, IEnumerable<Guid> members)
    {
        foreach (Guid member in members)
        {
            RequireEngine(session, member);
            session.Execute(
                "INSERT OR IGNORE INTO pool_members (pool_id, pairing_id) VALUES ($1, $2)", poolId, member);
        }
    }

    private static void RequireUnique(Session session, EnginePool pool)
    {
        if (session.Text(
            "SELECT name FROM pools WHERE name_key = $1 AND pool_id <> $2",
            ConsoleTables.NameKey(pool.Name),
            pool.PoolId) is { } taken)
        {
            throw new ScanEngineException(
                FaultCode.PoolNameInUse,
                $"There is a pool named '{taken}' already.",
                $"Choose another name, or change that one: Set-ScanEnginePool -PoolName '{taken}'.",
                pool.Name);
        }
    }

    private static void RequirePool(Session session, Guid poolId)
    {
        if (session.Number($"SELECT 1 FROM pools {ByPool}", poolId) is null)
        {
            throw new ScanEngineException(
                FaultCode.PoolNotFound,
                "The pool is not there any more.",
                "See the pools there are with Get-ScanEnginePool.",
                poolId.ToString());
        }
    }
}
