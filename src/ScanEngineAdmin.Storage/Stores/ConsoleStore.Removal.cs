using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Stores;

internal sealed partial class ConsoleStore
{
    // The request of a scan may have megabytes.
    private const int ScansPerStep = 50;

    private const string Finished = "state IN ('Completed', 'Failed', 'Stopped')";

    public override bool CleanUp() => Database.Step(
        session => RemoveFindings(session)
            || (session.Text("SELECT pairing_id FROM leaving_engines LIMIT 1") is { } gone
                && RemoveScans(session, gone)),
        keptShare: 0);

    public IReadOnlyDictionary<Guid, EngineUsage> ListUsage() => Database.Read(session => session.List(
        "SELECT pairing_id, bytes, quota FROM usage", row => KeyValuePair.Create(row.Id(), ReadUsage(row)))
        .ToDictionary());

    public bool SetQuota(Guid pairingId, long? bytes, AuditEvent? note = null) => Database.Write(session =>
    {
        if (ConsoleTables.Engines.First(session, ByPairing, pairingId) is null)
        {
            return false;
        }

        session.Execute(
            """
            INSERT INTO usage (pairing_id, quota) VALUES ($1, $2)
            ON CONFLICT (pairing_id) DO UPDATE SET quota = excluded.quota
            """,
            pairingId,
            bytes);
        AddEvent(session, note);
        return true;
    });

    public IReadOnlyList<ScanRecord> RemoveOldScans(DateTimeOffset before, Func<ScanRecord, AuditEvent> note)
    {
        List<Guid> old = Database.Read(session => session.List(
            $"""
            SELECT scan_id FROM scans WHERE {Finished} AND finished < $1 AND parent IS NULL AND {Present}
            ORDER BY finished LIMIT $2
            """,
            row => row.Id(),
            before,
            ScansPerStep));
        if (old.Count == 0)
        {
            // Of a pool's scan each engine's findings are its own: it goes when all who have made any need the room, so
            // that an engine pushes out nobody's findings but its own.
            old = Database.Read(session => session.List(
                $"""
                SELECT (SELECT coalesce(whole.scan_id, scans.scan_id)
                    FROM scans LEFT JOIN scans AS whole ON whole.scan_id = scans.parent
                    WHERE scans.pairing_id = usage.pairing_id
                        AND coalesce(whole.state, scans.state) IN ('Completed', 'Failed', 'Stopped')
                        AND NOT EXISTS (SELECT 1 FROM scans AS other
                            LEFT JOIN usage AS room ON room.pairing_id = other.pairing_id
                            WHERE other.parent = scans.parent AND other.stored_bytes > 0
                                AND coalesce(room.bytes <= coalesce(room.quota, $1) / 4 * 3, 1))
                    ORDER BY coalesce(whole.finished, scans.finished), scans.id LIMIT 1) AS oldest FROM usage
                WHERE bytes > coalesce(quota, $1) / 4 * 3 AND oldest IS NOT NULL LIMIT $2
                """,
                row => row.Id(),
                EngineUsage.DefaultQuota,
                ScansPerStep));
        }

        return old.Count == 0 ? [] : Database.Write(session => old
            .Select(id => ConsoleTables.Scans.First(session, ByScan, id))
            .Where(scan => scan is { IsFinished: true })
            .Select(scan =>
            {
                Remove(session, scan!);
                AddEvent(session, note(scan!));
                return scan!;
            })
            .ToList());
    }

    private static EngineUsage ReadUsage(Row row) => new(row.Long(), row.LongOrNull());

    private bool RemoveFindings(Session session)
    {
        if (session.Number("SELECT scan FROM leaving ORDER BY scan LIMIT 1") is not { } scan)
        {
            return false;
        }

        long? last = session.Number(
            "SELECT unit FROM findings WHERE scan = $1 ORDER BY unit LIMIT 1 OFFSET $2",
            scan,
            Database.Options.RowsPerStep - 1);
        session.Execute("DELETE FROM findings WHERE scan = $1 AND unit <= $2", scan, last ?? long.MaxValue);
        session.Execute(
            "DELETE FROM banners WHERE id BETWEEN $1 AND $2",
            BannerId(scan, 0),
            BannerId(scan, last ?? LastUnit));
        if (last is null)
        {
            session.Execute("DELETE FROM leaving WHERE scan = $1", scan);
        }

        return true;
    }

    private static bool RemoveScans(Session session, string pairing)
    {
        int gone = session.Execute(
            "DELETE FROM scans WHERE id IN (SELECT id FROM scans WHERE pairing_id = $1 LIMIT $2)",
            pairing,
            ScansPerStep);
        if (gone < ScansPerStep)
        {
            session.Execute("DELETE FROM leaving_engines WHERE pairing_id = $1", pairing);
        }

        return true;
    }
}
