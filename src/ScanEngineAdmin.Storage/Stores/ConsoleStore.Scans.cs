using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Stores;

internal sealed partial class ConsoleStore
{
    // The scans of an engine that is gone are out of sight until they are removed.
    private const string Present = "pairing_id NOT IN (SELECT pairing_id FROM leaving_engines)";

    private const string ByScan = $"WHERE scan_id = $1 AND {Present}";

    // A long list of targets is data; a short one an admin may need on a full disk.
    private const int LongRequest = 65_536;

    public void AddScan(ScanRecord scan, AuditEvent? note = null)
    {
        _ = scan.Request.Targets.Sum(target => target.Length + 3) > LongRequest
            ? Database.WriteData(Add)
            : Database.Write(Add);

        bool Add(Session session)
        {
            if (scan.IsPool)
            {
                RequirePool(session, scan.PairingId);
            }
            else
            {
                RequireEngine(session, scan.PairingId);
            }

            ConsoleTables.Scans.Insert(session, scan);
            AddEvent(session, note);
            return true;
        }
    }

    public ScanRecord? GetScan(Guid scanId) =>
        Database.Read(session => ConsoleTables.Scans.First(session, ByScan, scanId));

    public IReadOnlyList<ScanRecord> ListScans(Guid? pairingId = null, bool unfinishedOnly = false)
    {
        string unfinished = unfinishedOnly ? $"{Present} AND {Unfinished}" : Present;
        return Database.Read(session => pairingId is null
            ? ConsoleTables.Scans.List(session, $"WHERE {unfinished} AND parent IS NULL ORDER BY queued, id")
            : ConsoleTables.Scans.List(
                session, $"WHERE {unfinished} AND pairing_id = $1 ORDER BY queued, id", pairingId));
    }

    public IReadOnlyList<Guid> ListPairingsWithScans() => Database.Read(session => session.List(
        $"SELECT DISTINCT pairing_id FROM scans WHERE {Present} AND {Unfinished} AND parent IS NULL", row => row.Id()));

    public IReadOnlyDictionary<Guid, int> CountRunningScans() => Database.Read(session => session
        .List(
            $"""
            SELECT pairing_id, count(*) FROM scans WHERE {Present} AND state IN ('Dispatched', 'Running')
            GROUP BY pairing_id
            """,
            row => (PairingId: row.Id(), Count: row.Int()))
        .ToDictionary(running => running.PairingId, running => running.Count));

    public ScanRecord? UpdateScan(
        Guid scanId, Func<ScanRecord, ScanRecord> change, Func<ScanRecord, AuditEvent?>? note = null) =>
        Database.Write(session =>
    {
        ScanRecord? changed = ConsoleTables.Scans.Change(
            session, ByScan, [scanId], scan => change(scan) with { ScanId = scanId });
        AddEvent(session, changed is null ? null : note?.Invoke(changed));
        return changed;
    });

    public bool RemoveScan(Guid scanId, Func<ScanRecord, AuditEvent?>? note = null)
    {
        bool gone = Database.Write(session =>
        {
            if (ConsoleTables.Scans.First(session, ByScan, scanId) is not { } scan)
            {
                return false;
            }

            AddEvent(session, note?.Invoke(scan));
            return Remove(session, scan) > 0;
        });
        CleanUpSome();
        return gone;
    }

    /// <summary>A pool's scan goes with its parts, whose engines learn that nobody wants them.</summary>
    private static int Remove(Session session, ScanRecord scan)
    {
        if (scan.IsPool)
        {
            session.Execute("DELETE FROM scans WHERE parent = $1", scan.ScanId);
        }

        return session.Execute("DELETE FROM scans WHERE scan_id = $1", scan.ScanId);
    }
}
