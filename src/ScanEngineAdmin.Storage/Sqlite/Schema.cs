using System.Collections.Concurrent;
using System.Globalization;

namespace ScanEngineAdmin.Storage.Sqlite;

/// <summary>What a kind of store consists of, as the steps that lead to it; each step is one version.</summary>
/// <param name="Owner">Whose store it is, for messages.</param>
/// <param name="ApplicationId">Marks the file as a store of this kind.</param>
/// <param name="Steps">SQL from each version to the next, from an empty file on. Never change one that shipped.</param>
internal sealed record Schema(string Owner, int ApplicationId, IReadOnlyList<string> Steps)
{
    // "SEAC" and "SEAE".
    public const int ConsoleId = 0x53454143;
    public const int EngineId = 0x53454145;

    private readonly ConcurrentDictionary<int, HashSet<string>> _ownCode = [];

    /// <summary>The tables that a copy takes in pieces.</summary>
    public IReadOnlyList<LargeTable> Large { get; init; } = [];

    /// <summary>
    /// SQL that makes a copy hold together, after pieces of its large tables were read at later moments.
    /// </summary>
    public string SettleCopy { get; init; } = string.Empty;

    /// <summary>Brings the file to the newest version, with a copy of an older one beside it, or refuses it.</summary>
    public void Bring(Session session, TimeSpan busyTimeout)
    {
        if (session.IsReadOnlyFile)
        {
            throw StoreFaults.NotWritable(session.Path, "the file is read-only");
        }

        // Looked at before anything is changed: a file that is not ours stays as it is. In one transaction, or a store
        // that another process is just making would look like half of something.
        session.Run("BEGIN");
        long version;
        try
        {
            version = Check(session);
            RequireOwnCode(session, (int)version);
        }
        finally
        {
            session.Run("COMMIT");
        }

        if (version == 0)
        {
            // Only before anything is in it; else a store never gets smaller.
            session.Run("PRAGMA auto_vacuum = INCREMENTAL");
        }

        UseWal(session, busyTimeout);
        if (version < Steps.Count)
        {
            Migrate(session, busyTimeout);
        }
    }

    /// <summary>Takes the file as it is, if it is of this very version.</summary>
    public void Require(Session session)
    {
        long version = Check(session);
        if (version < Steps.Count)
        {
            throw StoreFaults.Older(session.Path, version, Steps.Count);
        }

        RequireOwnCode(session, Steps.Count);
    }

    /// <summary>
    /// A store may be somebody else's work: an export, or the folder of an account that was taken over. What runs by
    /// itself in it is what this product made, or a trigger, or what a table says of conflicts, could keep a revocation
    /// from being written, and a view in the place of a table have no end.
    /// </summary>
    private void RequireOwnCode(Session session, int version)
    {
        HashSet<string> own = _ownCode.GetOrAdd(version, static (count, steps) =>
        {
            using var empty = Session.Open(":memory:", TimeSpan.Zero);
            foreach (string step in steps.Take(count))
            {
                empty.Run(step);
            }

            return [.. CodeOf(empty)];
        }, Steps);
        if (CodeOf(session).Find(code => !own.Contains(code)) is { } other)
        {
            throw StoreFaults.Damaged(session.Path, $"this product did not make its {string.Join(' ', other.Split(' ').Take(2))}");
        }
    }

    private static List<string> CodeOf(Session session) => session.List(
        """
        SELECT type || ' ' || name || ' ' || sql FROM sqlite_master
        WHERE sql NOT NULL AND (type IN ('trigger', 'view') OR name NOT GLOB 'sqlite_*')
        """,
        static row => string.Join(' ', row.Text().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));

    private void Migrate(Session session, TimeSpan busyTimeout)
    {
        session.Run("BEGIN IMMEDIATE");
        long version = 0;
        string? copy = null;
        try
        {
            // Another process may have brought it up while this one waited for the lock.
            version = Check(session);
            if (version is > 0 && version < Steps.Count)
            {
                copy = $"{session.Path}.v{version}.bak";
                StoreFile.Backup(session.Path, copy, busyTimeout);
            }

            for (int step = (int)version; step < Steps.Count; step++)
            {
                session.Run(Steps[step]);
            }

            session.Run(string.Create(
                CultureInfo.InvariantCulture,
                $"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Steps.Count}"));
            session.Run("COMMIT");
        }
        catch
        {
            if (session.InTransaction)
            {
                session.Run("ROLLBACK");
            }

            if (copy is not null && session.Number("PRAGMA user_version") == version)
            {
                // A copy of what is still there takes the room that may have been lacking.
                File.Delete(copy);
            }

            throw;
        }
    }

    private long Check(Session session)
    {
        long application = session.Number("PRAGMA application_id") ?? 0;
        long version = session.Number("PRAGMA user_version") ?? 0;
        bool empty = session.Number("SELECT count(*) FROM sqlite_master") == 0;
        if (application == 0 && version == 0 && empty)
        {
            return 0;
        }

        if (application != ApplicationId)
        {
            throw StoreFaults.Damaged(session.Path, application switch
            {
                ConsoleId => $"it is a Security Console's store, not a {Owner}'s",
                EngineId => $"it is a Scan Engine's store, not a {Owner}'s",
                _ => $"it is some other program's database, not a {Owner}'s store",
            });
        }

        return version <= Steps.Count ? version : throw StoreFaults.Newer(session.Path, version, Steps.Count);
    }

    private static void UseWal(Session session, TimeSpan busyTimeout)
    {
        // Switching asks no busy handler when two processes do it at once; the loop is for that one moment in the
        // life of a store, after which the mode is kept in the file.
        long start = Environment.TickCount64;
        while (true)
        {
            try
            {
                if (session.Text("PRAGMA journal_mode = WAL") != "wal")
                {
                    throw StoreFaults.NoSharedMemory(session.Path);
                }

                return;
            }
            catch (Microsoft.Data.Sqlite.SqliteException e) when (e.SqliteErrorCode == SQLitePCL.raw.SQLITE_BUSY
                && Environment.TickCount64 - start < busyTimeout.TotalMilliseconds)
            {
                Thread.Sleep(5); // Bounded by the busy time, once in the life of a store; nothing signals it.
            }
        }
    }
}
