using ScanEngineAdmin.Domain.Files;

namespace ScanEngineAdmin.Storage.Sqlite;

/// <summary>Makes the files of a store for their owner only; SQLite gives its side files the same mode.</summary>
internal static class StoreFile
{
    public const string Name = "store.db";

    /// <summary>
    /// Makes the file if it is lacking. A file that is there is never opened here: closing it would drop the locks that
    /// SQLite holds on it for another connection of this process (POSIX locks belong to the process, not the handle).
    /// That is also why a new one is made under another name and then moved.
    /// </summary>
    public static void Ensure(string path)
    {
        if (File.Exists(path))
        {
            return;
        }

        string fresh = $"{path}.{Guid.NewGuid():N}.new";
        try
        {
            CreateEmpty(fresh);
            try
            {
                OwnFile.Move(fresh, path, overwrite: false);
            }
            catch (IOException) when (File.Exists(path))
            {
                // Another process was faster; its file is as good as ours.
                File.Delete(fresh);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoreFaults.NotWritable(path, e.Message, e);
        }
    }

    /// <summary>Makes the store if it is lacking; one that is there has to be a regular file.</summary>
    /// <param name="path">The store.</param>
    /// <param name="withJournal">
    /// Whether a journal may lie beside it: a killed process may leave its owner one while the store is made.
    /// </param>
    public static bool Prepare(string path, bool withJournal)
    {
        Ensure(path);
        if (FileFacts.Of(path) is { IsRegular: false } other)
        {
            throw StoreFaults.NotThere(path, $"is {other.KindName}");
        }

        if (!withJournal)
        {
            RequireOwn(path);
        }

        return true;
    }

    /// <summary>
    /// Throws unless the store and its folder are there and no links. SQLite itself follows none for its side files.
    /// </summary>
    public static void RequireOwn(string path)
    {
        FileSystemInfo[] parts = [new DirectoryInfo(Path.GetDirectoryName(path)!), new FileInfo(path)];
        foreach (FileSystemInfo part in parts)
        {
            if (!part.Exists || part.LinkTarget is not null)
            {
                throw StoreFaults.NotThere(part.FullName, part.Exists ? "is a link" : "is not there");
            }
        }

        // A store keeps a log and never a journal. SQLite would play it back, and delete the file that it names.
        if (File.Exists(path + "-journal"))
        {
            throw StoreFaults.NotThere(path, "has a journal that this product does not make");
        }
    }

    public static void CreateEmpty(string path)
    {
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        new FileStream(path, options).Dispose();
    }

    /// <summary>Writes a copy of the database, as it is before the caller's own transaction, beside it.</summary>
    public static void Backup(string path, string copy, TimeSpan busyTimeout)
    {
        try
        {
            File.Delete(copy);
            CreateEmpty(copy);
            using (Session reader = Session.Open(path, busyTimeout))
            {
                reader.Execute("VACUUM INTO $1", copy);
            }

            using FileStream written = new(copy, FileMode.Open, FileAccess.ReadWrite);
            written.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoreFaults.NotWritable(copy, e.Message, e);
        }
        catch (Microsoft.Data.Sqlite.SqliteException)
        {
            // The beginning of a copy looks like one, and takes the room that was lacking.
            bool isFull = FullDisk.IsIn(Path.GetDirectoryName(copy)!);
            File.Delete(copy);
            if (isFull)
            {
                throw StoreFaults.Full(copy);
            }

            throw;
        }
    }
}
