using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Stores;

internal sealed partial class EngineStore
{
    private const string SpoolOf =
        "(SELECT id FROM scans WHERE pairing_id = $1 AND scan_id = $2 AND attempt = $3)";

    /// <exception cref="ScanEngineException">
    /// ScanNotFound: the scan was removed or is at another attempt; InternalError: not the next batch.
    /// </exception>
    public void AppendBatch(Guid pairingId, Guid scanId, int attempt, ScanBatch batch)
    {
        // Before the transaction: the write lock is not held while a batch is packed.
        byte[] packed = BatchCodec.Pack(batch);

        // The last word of a scan is small, and lets the console end it.
        _ = batch.Final is null ? Database.WriteData(Append) : Database.Write(Append);

        int Append(Session session)
        {
            // Not the whole record: what a batch costs must not grow with the number of targets asked for.
            Progress? scan = session.First(
                $"SELECT id, last_batch FROM scans WHERE id = {SpoolOf}",
                row => new Progress(row.Long(), row.Long()),
                pairingId,
                scanId,
                attempt);
            if (scan is null)
            {
                throw new ScanEngineException(
                    FaultCode.ScanNotFound,
                    $"Attempt {attempt} of scan {scanId} is not here any more: it was removed or replaced.",
                    "Nothing has to be done on this host; see the scan on the console with Get-EngineScan.",
                    scanId.ToString());
            }

            if (batch.Number != scan.LastBatch + 1)
            {
                throw new ScanEngineException(
                    FaultCode.InternalError,
                    $"Batch {batch.Number} of scan {scanId} does not follow on batch {scan.LastBatch}.",
                    "Nothing of it was spooled. Report this with the node's log.",
                    scanId.ToString());
            }

            session.Execute(
                "INSERT INTO spool (scan, number, batch) VALUES ($1, $2, $3)", scan.Id, batch.Number, packed);
            return session.Execute(
                "UPDATE scans SET cursor = $2, last_batch = $3, state = coalesce($4, state) WHERE id = $1",
                scan.Id,
                batch.Cursor,
                batch.Number,
                batch.Final);
        }
    }

    public IReadOnlyList<ScanBatch> ReadBatches(Guid pairingId, Guid scanId, int attempt, long after, int count) =>
        Database.Read(session => session.List(
            $"SELECT batch FROM spool WHERE scan = {SpoolOf} AND number > $4 ORDER BY number LIMIT $5",
            row => BatchCodec.Unpack(row.Bytes()),
            pairingId,
            scanId,
            attempt,
            after,
            Math.Max(0, count)));

    public void AcknowledgeBatches(Guid pairingId, Guid scanId, int attempt, long upTo) => Database.Write(session =>
    {
        // Late or repeated acknowledgements come in any order; only one that is further on moves anything.
        int moved = session.Execute(
            """
            UPDATE scans SET acknowledged_batch = min($4, last_batch)
            WHERE pairing_id = $1 AND scan_id = $2 AND attempt = $3 AND acknowledged_batch < min($4, last_batch)
            """,
            pairingId,
            scanId,
            attempt,
            upTo);
        if (moved == 0)
        {
            return false;
        }

        session.Execute($"DELETE FROM spool WHERE scan = {SpoolOf} AND number <= $4", pairingId, scanId, attempt, upTo);
        return session.Execute(
            $"DELETE FROM scans WHERE id = {SpoolOf} AND acknowledged_batch = last_batch AND state <> $4",
            pairingId,
            scanId,
            attempt,
            ScanState.Running) > 0;
    });

    public long SpooledBytes() =>
        Database.Read(session => session.Number("SELECT bytes FROM spool_size WHERE id = 1")) ?? 0;

    public long SpooledBytes(Guid pairingId) => Database.Read(session => session.Number(
        """
        SELECT coalesce(sum(length(spool.batch)), 0) FROM spool JOIN scans ON scans.id = spool.scan
        WHERE scans.pairing_id = $1
        """,
        pairingId)) ?? 0;

    private sealed record Progress(long Id, long LastBatch);
}
