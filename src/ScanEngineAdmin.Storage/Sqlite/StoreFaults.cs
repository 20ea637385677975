using Microsoft.Data.Sqlite;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Stores;
using static SQLitePCL.raw;

namespace ScanEngineAdmin.Storage.Sqlite;

/// <summary>
/// The one place where an error of the database becomes one of the product. SQLite's own words and code go into the
/// message; its exception does not go along as the inner one, since its type belongs to a private load context.
/// </summary>
internal static class StoreFaults
{
    public static ScanEngineException From(SqliteException e, string path, bool isFull) =>
        isFull ? Full(path) : e.SqliteErrorCode switch
        {
            SQLITE_BUSY or SQLITE_LOCKED => Locked(path),
            SQLITE_READONLY or SQLITE_CANTOPEN or SQLITE_PERM or SQLITE_AUTH => NotWritable(path, Reason(e)),
            SQLITE_CONSTRAINT => new ScanEngineException(
                FaultCode.InternalError,
                $"A record was refused by the store '{path}': {Reason(e)}.",
                "Nothing of it was written. Report this with the node's log.",
                path),
            SQLITE_IOERR => Damaged(path, $"the disk failed to read or write it: {Reason(e)}"),
            _ => Damaged(path, Reason(e)),
        };

    /// <summary>
    /// Whether it is the disk that has no room. The files beside a store fail with other errors then, as they cannot be
    /// made or mapped.
    /// </summary>
    public static bool IsFull(SqliteException e, StoreDisk disk, bool mayTry) =>
        e.SqliteErrorCode == SQLITE_FULL
        || (e.SqliteErrorCode is SQLITE_IOERR or SQLITE_CANTOPEN && disk.IsFull(mayTry));

    public static ScanEngineException Full(string path) => new(
        FaultCode.StoreFull,
        $"The store '{path}' cannot grow: the disk or the quota is full. Nothing of this change was written.",
        "Free space on that disk, or remove old scans with Remove-EngineScan, and try again.",
        path);

    public static ScanEngineException BelowFloor(string path, StoreRoom room) => new(
        FaultCode.StoreFull,
        $"The store '{path}' takes no scan data now: the disk is nearly full ({room.Text}).",
        "Free space on that disk, or remove old scans with Remove-EngineScan. What waits goes on by itself.",
        path);

    public static ScanEngineException NoRoomForCopy(string copy, long needed, long available) => new(
        FaultCode.StoreFull,
        $"There is no room for the copy '{copy}': it needs {ByteText.Of(needed)} and some to spare, and the disk has "
            + $"{ByteText.Of(available)}.",
        "Free space on that disk, or remove old scans with Remove-EngineScan, and try again.",
        copy);

    public static ScanEngineException Locked(string path) => new(
        FaultCode.StoreLocked,
        $"The store '{path}' is locked: another process (or thread) held it for longer than can be waited for.",
        "Close what holds it (a backup, a database tool, a stopped process), or try again in a moment.",
        path);

    public static ScanEngineException NotWritable(string path, string reason, Exception? e = null) => FullDisk.Is(e)
        ? Full(path)
        : new ScanEngineException(
            FaultCode.DataFolderNotWritable,
            $"The store '{path}' cannot be opened for writing: {reason.TrimEnd('.')}.",
            "Run as the user who owns the data folder, correct its rights, or name another folder with -DataPath.",
            path,
            e);

    public static ScanEngineException Damaged(string path, string reason, Exception? e = null) => new(
        FaultCode.StoreDamaged,
        $"The store '{path}' cannot be used: {reason}.",
        "Stop what uses the data folder, move the file away (keep it) and restore a backup of it; "
            + "without one, a new store is made at the next start and engines have to be paired again.",
        path,
        e);

    public static ScanEngineException Newer(string path, long found, int known) => new(
        FaultCode.StoreNewer,
        $"The store '{path}' has version {found}; this version of ScanEngineAdmin knows up to {known}.",
        "Install the newer version with Update-Module ScanEngineAdmin, or restore the copy made before the update "
            + $"('{Path.GetFileName(path)}.v<N>.bak' beside it).",
        path);

    public static ScanEngineException Older(string path, long found, int known) => new(
        FaultCode.StoreOlder,
        $"The store '{path}' has version {found}; this process needs {known}, and only the node itself brings it up.",
        "Start the node of this folder once with this version, then start this process again.",
        path);

    public static ScanEngineException NotThere(string path, string why) => new(
        FaultCode.DataFolderInvalid,
        $"The store cannot be used as it is: '{path}' {why}.",
        "Start the node of this folder first (Start-SecurityConsole, Start-EngineListener), and name the same folder "
            + "with -DataPath or --data.",
        path);

    public static ScanEngineException NoSharedMemory(string path) => new(
        FaultCode.DataFolderInvalid,
        $"The store '{path}' is on a file system that several processes cannot share it on.",
        "Put the data folder on a local file system (not a network share) with -DataPath.",
        path);

    // The library wraps SQLite's own words in "SQLite Error 26: '...'."; only those words mean something to an admin.
    private static string Reason(SqliteException e)
    {
        int from = e.Message.IndexOf('\'', StringComparison.Ordinal);
        int to = e.Message.LastIndexOf('\'');
        string words = to > from ? e.Message[(from + 1)..to] : e.Message;
        return $"{words} (SQLite {e.SqliteExtendedErrorCode})";
    }
}
