using System.Security.Cryptography;
using ScanEngineAdmin.Domain.Files;

namespace ScanEngineAdmin.Storage.Sqlite;

/// <summary>
/// Some megabytes of the disk that only this product can free: given up for a small write when there is no room. Its
/// content is random, since a file system that packs zeros would reserve nothing.
/// </summary>
internal sealed class ReserveFile(string path, long size, StoreDisk disk)
{
    private readonly string _path = path;

    /// <summary>Makes it, where the disk has room for it above the floor.</summary>
    public void Keep()
    {
        if (File.Exists(_path) || disk.Space.Available < disk.Floor + size)
        {
            return;
        }

        string fresh = $"{_path}.{Guid.NewGuid():N}.new";
        try
        {
            StoreFile.CreateEmpty(fresh);
            using (FileStream file = new(fresh, FileMode.Open, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                for (long left = size; left > 0; left -= 65_536)
                {
                    file.Write(RandomNumberGenerator.GetBytes((int)Math.Min(left, 65_536)));
                }

                file.Flush(flushToDisk: true);
            }

            OwnFile.Move(fresh, _path, overwrite: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No reserve is worse than one, and no reason to do without the store.
            Delete(fresh);
        }
    }

    /// <summary>False if there was none.</summary>
    public bool GiveUp() => File.Exists(_path) && Delete(_path);

    private static bool Delete(string path)
    {
        try
        {
            File.Delete(path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
