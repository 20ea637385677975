using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Domain.Files;

/// <summary>
/// A folder for what is under way, inside the console's own: the same disk, the same rights, and out of its way. One
/// export or import at a time; what a killed one left behind goes with the next.
/// </summary>
internal sealed class TransferFolder : IDisposable
{
    private const string Prefix = "transfer-";

    private readonly FolderLock _lock;

    private TransferFolder(FolderLock taken, string path)
    {
        _lock = taken;
        Path = path;
    }

    public string Path { get; }

    /// <exception cref="ScanEngineException">StoreLocked, DataFolderNotWritable.</exception>
    public static TransferFolder Take(string folder)
    {
        FolderAccess.RequireOwner(folder);
        FolderLock taken = FolderLock.TryTake(folder, FolderSwap.Lock) ?? throw ExportFaults.Busy(folder);
        try
        {
            // Else what an import that was killed has decided would go with what was left behind.
            FolderSwap.FinishHeld(folder);
            foreach (string left in Directory.GetDirectories(folder, Prefix + "*"))
            {
                Directory.Delete(left, recursive: true);
            }

            string path = System.IO.Path.Combine(folder, $"{Prefix}{Guid.NewGuid():N}");
            MakeOwn(path);
            return new TransferFolder(taken, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            taken.Dispose();
            throw ExportFaults.Disk(folder, e);
        }
    }

    /// <summary>Makes a folder that is its owner's only.</summary>
    public static void MakeOwn(string path) => FolderRights.MakeFolder(path);

    /// <summary>A new file that is its owner's only, from its first byte on.</summary>
    public static FileStream CreateOwn(string path) => FolderRights.CreateFile(path, FileOptions.Asynchronous);

    public void Dispose()
    {
        try
        {
            // What an import has decided and could not finish is in it.
            if (!FolderSwap.IsDecided(System.IO.Path.GetDirectoryName(Path)!))
            {
                Directory.Delete(Path, recursive: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Gone already, or the next one's to remove.
        }

        _lock.Dispose();
    }
}
