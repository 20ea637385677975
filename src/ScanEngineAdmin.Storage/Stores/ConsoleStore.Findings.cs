using ScanEngineAdmin.Core.Scans;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Stores;

internal sealed partial class ConsoleStore
{
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

    private static int InsertFindings(Session session, Guid scanId, IReadOnlyList<Finding> findings)
    {
        long? scan = session.Number("SELECT id FROM scans WHERE scan_id = $1", scanId);
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
}
