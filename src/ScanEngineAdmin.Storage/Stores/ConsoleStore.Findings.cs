using System.Text;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Stores;

internal sealed partial class ConsoleStore
{
    // A unit has less than 24 bits: the most that a scan may have is below that.
    private const int UnitBits = 24;
    private const long LastUnit = (1L << UnitBits) - 1;

    // What a row takes beside its texts.
    private const int FindingBytes = 16;
    private const int BannerBytes = 12;
    private const int FoundBytes = 6;

    public BatchOutcome SaveBatch(
        Guid pairingId,
        Guid scanId,
        int attempt,
        ScanBatch batch,
        DateTimeOffset now,
        Func<ScanRecord, ScanRecord>? settle = null,
        Action<int>? added = null)
    {
        int inserted = 0;
        if (batch.Findings.Count == 0)
        {
            // Nothing of size: a scan can end where there is no room for findings.
            return Database.Write(session => Save(session, [], isLast: true));
        }

        // In parts, so that no batch makes the write-ahead log long.
        int from = 0;
        while (true)
        {
            int to = from;
            for (int bytes = 0; to < batch.Findings.Count && bytes < Database.Options.BytesPerWrite; to++)
            {
                bytes += Size(batch.Findings[to]);
            }

            Finding[] part = [.. batch.Findings.Skip(from).Take(to - from)];
            bool isLast = to == batch.Findings.Count;
            BatchOutcome outcome = Database.WriteData(session => Save(session, part, isLast));
            added?.Invoke(inserted);
            if (isLast || outcome != BatchOutcome.Stored)
            {
                return outcome;
            }

            from = to;
        }

        BatchOutcome Save(Session session, Finding[] findings, bool isLast)
        {
            // Not the whole record: what a batch costs must not grow with the number of targets asked for. One that is
            // queued again has done with the attempt before.
            Progress? scan = session.First(
                $"""
                SELECT id, state, last_batch, first_unit,
                    (SELECT id FROM scans AS whole WHERE whole.scan_id = scans.parent), cursor, targets_total, part_units
                FROM scans
                WHERE scan_id = $1 AND pairing_id = $2 AND attempt = $3
                    AND state IN ('Dispatched', 'Running') AND {Present}
                """,
                row => new Progress(
                    row.Long(), row.Name<ScanState>(), row.Long(), row.Long(), row.LongOrNull(), row.Long(),
                    row.Long(), row.Long()),
                scanId,
                pairingId,
                attempt);
            inserted = 0;
            if (scan is null)
            {
                return BatchOutcome.Fenced;
            }

            if (batch.Number != scan.LastBatch + 1)
            {
                return batch.Number <= scan.LastBatch ? BatchOutcome.Duplicate : BatchOutcome.OutOfOrder;
            }

            (inserted, long bytes) = findings.Length == 0 ? (0, 0) : InsertFindings(session, scan, findings);
            Use(session, pairingId, bytes);
            if (!isLast)
            {
                session.Execute(
                    """
                    UPDATE scans SET finding_count = finding_count + $2, stored_bytes = stored_bytes + $3 WHERE id = $1
                    """,
                    scan.Id,
                    inserted,
                    bytes);
                AddUp(session, scan, inserted, done: 0, now);
                return BatchOutcome.Stored;
            }

            Advance(session, scan, batch, inserted, bytes, now);
            AddUp(session, scan, inserted, scan.TargetsUpTo(batch.Cursor) - scan.TargetsUpTo(scan.Cursor), now);
            if (batch.Final is not null && settle is not null)
            {
                ScanRecord ended = ConsoleTables.Scans.First(session, ByScan, scanId)!;
                ConsoleTables.Scans.Update(session, ended, settle(ended));
            }

            return BatchOutcome.Stored;
        }
    }

    /// <summary>
    /// Reads a piece at a time, each in a transaction of its own: a reader that takes its time, or never comes back,
    /// holds no connection and keeps no write-ahead log from being emptied.
    /// </summary>
    public IEnumerable<Finding> ReadFindings(Guid scanId, long afterUnit = -1)
    {
        int size = Database.Options.FindingsPerRead;
        long? scan = Database.Read(session => session.Number($"SELECT id FROM scans {ByScan}", scanId));
        while (scan is not null)
        {
            List<Finding> piece = Database.Read(session => session.List(
                $"""
                SELECT unit, target, port, state, round_trip,
                    coalesce(banner, (SELECT banner FROM banners WHERE id = (scan << {UnitBits}) + unit)),
                    resolved, found, part
                FROM findings WHERE scan = $1 AND unit > $2 ORDER BY unit LIMIT $3
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
        row.Long(), row.Text(), row.Int(), (PortState)row.Int(), row.DurationOrNull(), row.TextOrNull())
    {
        Resolved = row.TextOrNull(),
        Found = row.LongOrNull() is { } found ? DateTimeOffset.FromUnixTimeMilliseconds(found) : null,
        Part = row.LongOrNull(),
    };

    private static long BannerId(long scan, long unit) => (scan << UnitBits) + unit;

    private static int Size(Finding finding) => FindingBytes + finding.Target.Length + (finding.Resolved?.Length ?? 0)
        + (finding.Found is null ? 0 : FoundBytes)
        + (finding.Banner is { } banner ? BannerBytes + Encoding.UTF8.GetByteCount(banner) : 0);

    private static (int Added, long Bytes) InsertFindings(
        Session session, Progress progress, IReadOnlyList<Finding> findings)
    {
        // A part's findings are those of the whole scan.
        long scan = progress.Whole ?? progress.Id;
        long? part = progress.Whole is null ? null : progress.Id;
        BoundStatement insert = session.Bound("""
            INSERT INTO findings (scan, unit, target, port, state, round_trip, resolved, found, part)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (scan, unit) DO NOTHING
            """);
        BoundStatement say = session.Bound("INSERT OR REPLACE INTO banners (id, banner) VALUES (?1, ?2)");
        int added = 0;
        long bytes = 0;
        foreach (Finding finding in findings)
        {
            long unit = progress.First + finding.Unit;
            if (finding.Unit < 0 || unit > LastUnit)
            {
                throw new ArgumentOutOfRangeException(nameof(findings), finding.Unit, "No scan has such a unit.");
            }

            int one = insert.Bind(1, scan).Bind(2, unit).Bind(3, finding.Target).Bind(4, finding.Port)
                .Bind(5, (int)finding.State).Bind(6, finding.RoundTrip?.Ticks)
                .BindText(7, finding.Resolved).Bind(8, finding.Found?.ToUnixTimeMilliseconds())
                .Bind(9, part).Run();
            if (one == 0)
            {
                continue;
            }

            added++;
            bytes += Size(finding);
            if (finding.Banner is { } banner)
            {
                say.Bind(1, BannerId(scan, unit)).Bind(2, banner).Run();
            }
        }

        return (added, bytes);
    }

    private static void Use(Session session, Guid pairingId, long bytes)
    {
        if (bytes == 0)
        {
            return;
        }

        session.Execute(
            """
            INSERT INTO usage (pairing_id, bytes) VALUES ($1, $2)
            ON CONFLICT (pairing_id) DO UPDATE SET bytes = bytes + excluded.bytes
            """,
            pairingId,
            bytes);
        EngineUsage now = session.First("SELECT bytes, quota FROM usage WHERE pairing_id = $1", ReadUsage, pairingId)!;
        if (now.StoredBytes > now.Limit)
        {
            // Undone with the transaction.
            string name = session.Text("SELECT name FROM engines WHERE pairing_id = $1", pairingId) ?? string.Empty;
            throw new ScanEngineException(
                FaultCode.QuotaReached,
                $"The scans of engine '{name}' take all that it may store here ({ByteText.Of(now.Limit)}).",
                $"Remove scans of it with Remove-EngineScan, or give it more: Set-ScanEngine -Name '{name}' -Quota.",
                name);
        }
    }

    // A batch that has nothing to say does not wipe out what an earlier one, or the admin's stop, said; and one of an
    // engine that began again does not take back what is stored.
    private static void Advance(
        Session session, Progress scan, ScanBatch batch, int added, long bytes, DateTimeOffset now) =>
        session.Execute(
            """
            UPDATE scans SET state = $2, started = coalesce(started, $3), finished = $4,
                targets_total = max(targets_total, $5), targets_done = max(targets_done, $6),
                cursor = max(cursor, $10), finding_count = finding_count + $7, last_batch = $8,
                detail = CASE $9 WHEN '' THEN detail ELSE $9 END, stored_bytes = stored_bytes + $11
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
            batch.Cursor,
            bytes);

    /// <summary>The progress of a pool's scan is that of its parts, of which there may be many: what is new is added.
    /// </summary>
    private static void AddUp(Session session, Progress part, int added, long done, DateTimeOffset now)
    {
        if (part.Whole is { } whole)
        {
            session.Execute(
                """
                UPDATE scans SET finding_count = finding_count + $2, started = coalesce(started, $3),
                    targets_done = targets_done + $4
                WHERE id = $1
                """,
                whole,
                added,
                now,
                Math.Max(0, done));
        }
    }

    private sealed record Progress(
        long Id, ScanState State, long LastBatch, long First, long? Whole, long Cursor, long Targets, long Units)
    {
        /// <summary>How many of a part's targets are done with all of its units below that one.</summary>
        public long TargetsUpTo(long cursor) => Units == 0 ? 0 : Math.Min(cursor, Units) * Targets / Units;
    }
}
