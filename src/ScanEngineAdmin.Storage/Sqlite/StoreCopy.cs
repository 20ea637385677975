using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace ScanEngineAdmin.Storage.Sqlite;

/// <summary>
/// Copies a store while it is written to. The source is held in a read transaction, so the copy is of one moment and
/// never has to begin again, however busy the store is.
/// </summary>
internal static class StoreCopy
{
    // A mebibyte at a time, with the usual page: often enough to be cancelled at once.
    private const int PagesAtOnce = 256;

    public static void Write(
        string path,
        string copy,
        TimeSpan busyTimeout,
        Action<double>? progress,
        CancellationToken cancellationToken)
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
            using Session source = Session.Open(path, busyTimeout);
            using Session target = Session.Open(copy, busyTimeout);
            source.Run("BEGIN; SELECT count(*) FROM sqlite_master");
            Copy(source, target, progress, cancellationToken);
            source.Run("COMMIT");
            whole = true;
        }
        catch (SqliteException e) when (e.SqliteErrorCode is SQLITE_FULL or SQLITE_IOERR)
        {
            // It is the copy that has no room, or cannot be written; the store itself is well.
            throw StoreFaults.From(e, copy);
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

    private static void Copy(
        Session source, Session target, Action<double>? progress, CancellationToken cancellationToken)
    {
        using SQLitePCL.sqlite3_backup backup = sqlite3_backup_init(target.Handle, "main", source.Handle, "main");
        int result;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            result = sqlite3_backup_step(backup, PagesAtOnce);
            int pages = Math.Max(1, sqlite3_backup_pagecount(backup));
            progress?.Invoke(1 - ((double)sqlite3_backup_remaining(backup) / pages));
        }
        while (result == SQLITE_OK);

        sqlite3_backup_finish(backup);
        if (result != SQLITE_DONE)
        {
            SqliteException.ThrowExceptionForRC(result, target.Handle);
        }
    }
}
