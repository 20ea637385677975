using ScanEngineAdmin.Domain.Files;

namespace ScanEngineAdmin.Storage.Sqlite;

/// <summary>
/// The disk that a store is on, and the sizes that follow from it. The write-ahead log is bounded, and both the floor
/// and the reserve are larger than it can become: a checkpoint on a full disk needs as much room as the log is long.
/// </summary>
internal sealed class StoreDisk
{
    private const long Mebi = 1 << 20;

    private readonly string _folder;
    private readonly Func<string, DiskSpace> _measure;

    public StoreDisk(string folder, Func<string, DiskSpace>? measure)
    {
        _folder = folder;
        _measure = measure ?? Measure;
        long total = Space.Total;
        Floor = Math.Min(64 * Mebi, total / 5);
        Reserve = Math.Min(8 * Mebi, total / 6);
        NodeReserve = Reserve / 2;
        Log = Math.Clamp(Reserve / 4, Mebi / 16, 2 * Mebi);
    }

    public DiskSpace Space => _measure(_folder);

    /// <summary>Below this no scan data is taken.</summary>
    public long Floor { get; }

    /// <summary>What is kept for an admin's writes on a full disk.</summary>
    public long Reserve { get; }

    /// <summary>What is kept beside for the node's own small writes: that a scan waits, and why.</summary>
    public long NodeReserve { get; }

    /// <summary>The length of the write-ahead log at which it is written back to the store.</summary>
    public long Log { get; }

    /// <summary>
    /// Another program has left nothing, so that an error of the disk means its size; where one may try, also a quota and
    /// a file system without a place for another file, which no measure shows.
    /// </summary>
    public bool IsFull(bool mayTry) => Space.Available < Mebi / 16 || (mayTry && FullDisk.IsIn(_folder));

    private static DiskSpace Measure(string folder)
    {
        try
        {
            // On Windows a drive has a letter; elsewhere any path stands for its file system.
            var drive = new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(folder)! : folder);
            return new DiskSpace(drive.AvailableFreeSpace, drive.TotalSize);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // What cannot be measured is written to as before; a full disk still says so itself.
            return new DiskSpace(long.MaxValue / 4, long.MaxValue / 4);
        }
    }
}
