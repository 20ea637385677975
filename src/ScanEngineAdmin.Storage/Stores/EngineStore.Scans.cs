using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Stores;

internal sealed partial class EngineStore
{
    private const string ByScan = "WHERE pairing_id = $1 AND scan_id = $2";

    public EngineScanRecord AcceptScan(EngineScanRecord scan)
    {
        // A request may have megabytes, and whoever sends one may be hostile.
        EngineScanRecord accepted = Database.WriteData(session => Accept(session, scan));
        CleanUpSome();
        return accepted;
    }

    private static EngineScanRecord Accept(Session session, EngineScanRecord scan)
    {
        EngineScanRecord? there = EngineTables.Scans.First(session, ByScan, scan.PairingId, scan.ScanId);
        if (there is not null && there.Attempt >= scan.Attempt)
        {
            return there;
        }

        if (session.Number("SELECT 1 FROM consoles WHERE pairing_id = $1", scan.PairingId) is null)
        {
            throw new ScanEngineException(
                FaultCode.ConsoleNotFound,
                $"There is no console with the pairing id {scan.PairingId} (any more).",
                "See the consoles this engine knows with Get-EngineConsole.",
                scan.PairingId.ToString());
        }

        // The spool of the attempt before goes after its row.
        session.Execute("DELETE FROM scans WHERE pairing_id = $1 AND scan_id = $2", scan.PairingId, scan.ScanId);
        EngineTables.Scans.Insert(session, scan);
        return scan;
    }

    public EngineScanRecord? GetScan(Guid pairingId, Guid scanId) =>
        Database.Read(session => EngineTables.Scans.First(session, ByScan, pairingId, scanId));

    public IReadOnlyList<EngineScanRecord> ListScans(Guid? pairingId = null) => Database.Read(session =>
        pairingId is null
            ? EngineTables.Scans.List(session, "ORDER BY accepted, id")
            : EngineTables.Scans.List(session, $"{ByPairing} ORDER BY accepted, id", pairingId));

    public EngineScanRecord? UpdateScan(
        Guid pairingId, Guid scanId, Func<EngineScanRecord, EngineScanRecord> change) => Database.Write(session =>
        EngineTables.Scans.Change(
            session,
            ByScan,
            [pairingId, scanId],
            scan => change(scan) with { PairingId = pairingId, ScanId = scanId }));

    public bool RemoveScan(Guid pairingId, Guid scanId, int attempt) => RemoveThenCleanUp(
        $"DELETE FROM scans {ByScan} AND attempt <= $3", pairingId, scanId, attempt);
}
