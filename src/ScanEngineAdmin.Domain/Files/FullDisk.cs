using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Domain.Files;

/// <summary>
/// The one place that tells a disk or a quota without room from rights that are lacking: both refuse a write, and what
/// an admin is to do is not the same.
/// </summary>
internal static class FullDisk
{
    /// <summary>Whether a file could not be written for lack of room: of bytes, or of places for files.</summary>
    public static bool Is(Exception? cause) => cause is IOException && (OperatingSystem.IsWindows()
        // ERROR_DISK_FULL, ERROR_HANDLE_DISK_FULL and ERROR_DISK_QUOTA_EXCEEDED; else ENOSPC and EDQUOT.
        ? (cause.HResult & 0xFFFF) is 112 or 39 or 1295
        : cause.HResult is 28 or 122 or 69);

    public static ScanEngineException Fault(string path, Exception? cause) => new(
        FaultCode.StoreFull,
        $"There is no room for '{path}': the disk or the quota is full. Nothing of it was kept.",
        "Free space, or use another disk, and try again.",
        path,
        cause);

    /// <summary>
    /// Whether that folder takes nothing more, by a try: a quota, and what a file system has of places for files, show in
    /// no measure of its free space.
    /// </summary>
    public static bool IsIn(string folder)
    {
        string probe = Path.Combine(folder, $".probe-{Guid.NewGuid():N}");
        try
        {
            using FileStream file = FolderRights.CreateFile(probe, FileOptions.DeleteOnClose);
            file.Write(new byte[4096]);
            file.Flush(flushToDisk: true);
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Is(e);
        }
    }
}
