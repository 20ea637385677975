using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;

namespace ScanEngineAdmin.Storage.Sqlite;

/// <summary>
/// A store on a file system without writing, as a copy for this process alone: SQLite cannot read a log that it cannot
/// share, and an older store has to be brought to the newest version to be read. It goes when it is closed.
/// </summary>
internal sealed class StoreView : IDisposable
{
    private readonly DirectoryInfo _folder;

    private StoreView(string original, DirectoryInfo folder)
    {
        Original = original;
        _folder = folder;
    }

    public string Original { get; }

    public string Path => System.IO.Path.Combine(_folder.FullName, StoreFile.Name);

    /// <summary>Null where the store is not there, or can be written.</summary>
    public static StoreView? OfReadOnly(string path)
    {
        if (!IsReadOnly(path))
        {
            return null;
        }

        // Readable by this user only, like the store itself.
        var view = new StoreView(path, Directory.CreateTempSubdirectory("scanengineadmin-view-"));
        try
        {
            // Nobody writes there, so the two belong together.
            foreach (string side in new[] { string.Empty, "-wal" })
            {
                if (OwnFile.Exists(path + side))
                {
                    using var from = new FileStream(OwnFile.Open(path + side, write: false), FileAccess.Read);
                    StoreFile.CreateEmpty(view.Path + side);
                    using FileStream to = File.OpenWrite(view.Path + side);
                    from.CopyTo(to);
                }
            }

            return view;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            view.Dispose();
            throw new ScanEngineException(
                FullDisk.Is(e) ? FaultCode.StoreFull : FaultCode.DataFolderNotWritable,
                $"The store '{path}' is on a read-only file system, and no copy of it could be made to look into: "
                    + e.Message,
                "Give this user a folder for temporary files with enough room (TMPDIR), and the right to read it.",
                path,
                e);
        }
    }

    public void Dispose()
    {
        try
        {
            _folder.Delete(recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is in the temporary folder, for this user's eyes only.
        }
    }

    private static bool IsReadOnly(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        if (OperatingSystem.IsLinux())
        {
            return FolderAccess.WhyNotWritable(System.IO.Path.GetDirectoryName(path)!) is IOException;
        }

        try
        {
            // Opened beside the store and not at it: closing the file would drop SQLite's locks of this process.
            string probe = System.IO.Path.Combine(
                System.IO.Path.GetDirectoryName(path)!, $".probe-{Guid.NewGuid():N}");
            new FileStream(
                probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose();
            return false;
        }
        catch (IOException e)
        {
            return OperatingSystem.IsWindows() ? (e.HResult & 0xFFFF) == 19 : e.HResult == 30;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }
}
