using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Stores;

internal sealed partial class ConsoleStore
{
    public BatchOutcome SaveBatch(
        Guid pairingId,
        Guid scanId,
        int attempt,
        ScanBatch batch,
        DateTimeOffset now,
        Func<ScanRecord, ScanRecord>? settle = null) =>
        Database.Write(session =>
        {
            // Not the whole record: what a batch costs must not grow with the number of targets asked for. One that is
            // queued again has done with the attempt before.
            Progress? scan = session.First(
                """
                SELECT id, state, last_batch FROM scans
                WHERE scan_id = $1 AND pairing_id = $2 AND attempt = $3
                    AND state IN ('Dispatched', 'Running')
                """,
                row => new Progress(row.Long(), row.Name<ScanState>(), row.Long()),
                scanId,
                pairingId,
                attempt);
            if (scan is null)
            {
                return BatchOutcome.Fenced;
            }

            if (batch.Number != scan.LastBatch + 1)
            {
                return batch.Number <= scan.LastBatch ? BatchOutcome.Duplicate : BatchOutcome.OutOfOrder;
            }

            Advance(session, scan, batch, InsertFindings(session, scan.Id, batch.Findings), now);
            if (batch.Final is not null && settle is not null)
            {
                ScanRecord ended = ConsoleTables.Scans.First(session, ByScan, scanId)!;
                ConsoleTables.Scans.Update(session, ended, settle(ended));
            }

            return BatchOutcome.Stored;
        });

    /// <summary>
    /// Reads a piece at a time, each in a transaction of its own: a reader that takes its time, or never comes back,
    /// holds no connection and keeps no write-ahead log from being emptied.
    /// </summary>
    public IEnumerable<Finding> ReadFindings(Guid scanId, long afterUnit = -1)
    {
        int size = Database.Options.FindingsPerRead;
        long? scan = Database.Read(session => session.Number("SELECT id FROM scans WHERE scan_id = $1", scanId));
        while (scan is not null)
        {
            List<Finding> piece = Database.Read(session => session.List(
                """
                SELECT unit, target, port, state, round_trip, banner FROM findings
                WHERE scan = $1 AND unit > $2 ORDER BY unit LIMIT $3
                """,
                ReadFinding,
                scan,
                afterUnit,
                size));
            foreach (Finding finding in piece)
            {
                yield return finding;
            }

            if (piece.Count < size)
            {
                yield break;
            }

            afterUnit = piece[^1].Unit;
        }
    }

    private static Finding ReadFinding(Row row) => new(
        row.Long(), row.Text(), row.Int(), (PortState)row.Int(), row.DurationOrNull(), row.TextOrNull());

    private static int InsertFindings(Session session, long scan, IReadOnlyList<Finding> findings)
    {
        int added = 0;
        foreach (Finding finding in findings)
        {
            added += session.Execute(
                """
                INSERT INTO findings (scan, unit, target, port, state, round_trip, banner)
                VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (scan, unit) DO NOTHING
                """,
                scan,
                finding.Unit,
                finding.Target,
                finding.Port,
                (int)finding.State,
                finding.RoundTrip,
                finding.Banner);
        }

        return added;
    }

    // A batch that has nothing to say does not wipe out what an earlier one, or the admin's stop, said; and one of an
    // engine that began anew does not take back what is stored.
    private static void Advance(Session session, Progress scan, ScanBatch batch, int added, DateTimeOffset now) =>
        session.Execute(
            """
            UPDATE scans SET state = $2, started = coalesce(started, $3), finished = $4,
                targets_total = max(targets_total, $5), targets_done = max(targets_done, $6),
                cursor = max(cursor, $10), finding_count = finding_count + $7, last_batch = $8,
                detail = CASE $9 WHEN '' THEN detail ELSE $9 END
            WHERE id = $1
            """,
            scan.Id,
            batch.Final ?? (scan.State == ScanState.Dispatched ? ScanState.Running : scan.State),
            now,
            batch.Final is null ? null : now,
            batch.TargetsTotal,
            batch.TargetsDone,
            added,
            batch.Number,
            batch.Detail,
            batch.Cursor);

    private sealed record Progress(long Id, ScanState State, long LastBatch);
}
