using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace ScanEngineAdmin.Storage.Sqlite;

/// <summary>
/// Copies a store while it is written to. All that is small is of one moment; the large tables follow piece by piece,
/// each in a read of its own: a read that lasted as long as the copy would keep the write-ahead log from being written
/// back, and on a busy store let it grow without end.
/// </summary>
internal sealed class StoreCopy(
    string path, string copy, Schema schema, StoreOptions options, Action<double>? progress)
{
    private readonly StoreDisk _disk = new(Path.GetDirectoryName(Path.GetFullPath(copy))!, options.Disk);
    private double _share;

    public void Write(CancellationToken cancellationToken)
    {
        try
        {
            StoreFile.CreateEmpty(copy);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoreFaults.NotWritable(copy, e.Message, e);
        }

        bool whole = false;
        try
        {
            using (Session session = Session.Open(path, options.BusyTimeout))
            {
                Copy(session, cancellationToken);
            }

            Flush();
            progress?.Invoke(1);
            whole = true;
        }
        catch (SqliteException e) when (e.SqliteErrorCode is SQLITE_FULL or SQLITE_IOERR)
        {
            // It is the copy that has no room, or cannot be written; the store itself is well.
            throw StoreFaults.From(e, copy, StoreFaults.IsFull(e, _disk, mayTry: true));
        }
        finally
        {
            if (!whole)
            {
                File.Delete(copy);
                File.Delete($"{copy}-journal");
            }
        }
    }

    private void Copy(Session session, CancellationToken cancellationToken)
    {
        RequireRoom(Size(session, "main"));
        session.Execute("ATTACH DATABASE $1 AS copy", copy);

        // Nobody has it yet, and it is written to the disk at the end.
        session.Run("""
            PRAGMA foreign_keys = OFF;
            PRAGMA copy.auto_vacuum = INCREMENTAL;
            PRAGMA copy.journal_mode = OFF;
            PRAGMA copy.synchronous = OFF;
            """);
        session.Run("BEGIN");
        List<(string Type, string Name, string Sql)> parts = session.List(
            "SELECT type, name, sql FROM main.sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'",
            row => (row.Text(), row.Text(), row.Text()));
        foreach ((string _, string _, string sql) in parts.Where(part => part.Type == "table"))
        {
            session.Run(InCopy(sql));
        }

        string[] small = [.. parts.Where(part => part.Type == "table").Select(part => part.Name)
            .Except(schema.Large.Select(large => large.Name)), .. Sequence(session)];
        foreach (string name in small)
        {
            session.Run($"DELETE FROM copy.\"{name}\"; INSERT INTO copy.\"{name}\" SELECT * FROM main.\"{name}\"");
            Tell(session, cancellationToken);
        }

        long application = session.Number("PRAGMA main.application_id") ?? 0;
        long version = session.Number("PRAGMA main.user_version") ?? 0;
        session.Run("COMMIT");
        session.Run(FormattableString.Invariant(
            $"PRAGMA copy.application_id = {application}; PRAGMA copy.user_version = {version}"));
        foreach (LargeTable large in schema.Large)
        {
            CopyLarge(session, large, cancellationToken);
        }

        // What was removed meanwhile is not there in part, and what came meanwhile is counted.
        session.Run(schema.SettleCopy);
        foreach ((string _, string _, string sql) in parts.Where(part => part.Type != "table"))
        {
            session.Run(InCopy(sql));
        }

        session.Run("DETACH DATABASE copy");
    }

    private void CopyLarge(Session session, LargeTable large, CancellationToken cancellationToken)
    {
        (string first, string second) = large.Key;
        (long First, long Second) after = (-1, -1);
        while (true)
        {
            List<(long First, long Second)> last = session.List(
                $"""
                SELECT max({first}), max({second}) FROM (SELECT {first}, {second} FROM main.{large.Name}
                WHERE ({first}, {second}) > ($1, $2) ORDER BY {first}, {second} LIMIT 1 OFFSET $3)
                """,
                row => (row.LongOrNull() ?? long.MaxValue, row.LongOrNull() ?? long.MaxValue),
                after.First,
                after.Second,
                large.RowsAtOnce - 1);
            session.Execute(
                $"""
                INSERT INTO copy.{large.Name} SELECT * FROM main.{large.Name}
                WHERE ({first}, {second}) > ($1, $2) AND ({first}, {second}) <= ($3, $4) ORDER BY {first}, {second}
                """,
                after.First,
                after.Second,
                last[0].First,
                last[0].Second);
            Tell(session, cancellationToken);
            if (last[0].First == long.MaxValue)
            {
                return;
            }

            after = last[0];
        }
    }

    private void Tell(Session session, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        RequireRoom(0);
        double share = (double)Size(session, "copy") / Math.Max(1, Size(session, "main"));
        _share = Math.Max(_share, Math.Min(0.99, share));
        progress?.Invoke(_share);
    }

    /// <summary>A copy is not worth a full disk: scan data would wait for it.</summary>
    private void RequireRoom(long needed)
    {
        long available = _disk.Space.Available;
        if (available < needed + _disk.Floor)
        {
            throw StoreFaults.NoRoomForCopy(copy, needed, available);
        }
    }

    private void Flush()
    {
        using FileStream written = new(copy, FileMode.Open, FileAccess.ReadWrite);
        written.Flush(flushToDisk: true);
    }

    private static string[] Sequence(Session session) =>
        session.Number("SELECT count(*) FROM main.sqlite_master WHERE name = 'sqlite_sequence'") == 0
            ? [] : ["sqlite_sequence"];

    private static long Size(Session session, string name) =>
        ((session.Number($"PRAGMA {name}.page_count") ?? 0) - (session.Number($"PRAGMA {name}.freelist_count") ?? 0))
            * (session.Number($"PRAGMA {name}.page_size") ?? 0);

    // "CREATE TABLE x", "CREATE UNIQUE INDEX x ON y", "CREATE TRIGGER x": the database is named with what is made.
    private static string InCopy(string sql)
    {
        string[] kinds = ["TABLE ", "INDEX ", "TRIGGER ", "VIEW "];
        int at = kinds.Select(kind => (At: sql.IndexOf(kind, StringComparison.Ordinal), kind.Length))
            .Where(found => found.At >= 0).OrderBy(found => found.At).Select(found => found.At + found.Length).First();
        return string.Concat(sql.AsSpan(0, at), "copy.", sql.AsSpan(at));
    }
}
