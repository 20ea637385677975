using Microsoft.Win32.SafeHandles;

namespace ScanEngineAdmin.Domain.Files;

/// <summary>
/// Who runs on a data folder: a lock of the OS, which the kernel frees when its process dies, however it dies.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    // A probe holds its shared lock for microseconds, unless it is stopped just then: on a host that is very busy, for
    // seconds. It must not be taken for a node that runs.
    private const int ProbePatience = 2000;
    private static readonly TimeSpan ProbePause = TimeSpan.FromMilliseconds(5);

    // A process that was stopped while it held one must not stop this one for ever.
    private const int ShortPatience = 1000;
    private static readonly TimeSpan ShortPause = TimeSpan.FromMilliseconds(10);

    private readonly IDisposable _file;

    private FolderLock(IDisposable file) => _file = file;

    /// <summary>Takes the lock; null when another process (or another node in this one) holds it.</summary>
    public static FolderLock? TryTake(string folder) => TryTake(folder, "lock");

    /// <summary>Whether somebody holds it now.</summary>
    public static bool IsHeld(string folder) => IsHeld(folder, "lock");

    /// <summary>The file stays: removing it would let two processes lock two files of one name.</summary>
    public void Dispose() => _file.Dispose();

    /// <summary>
    /// Makes the file of another lock in a node's own folder, so that a process with more rights that takes it there
    /// makes nothing: the folder's owner could have put a link in its place.
    /// </summary>
    internal static void Provide(string folder, string name)
    {
        using IDisposable? file = Open(Path.Combine(folder, name), make: true, exclusive: false);
    }

    /// <summary>Takes a lock whose file is there already; null when another process holds it.</summary>
    internal static FolderLock? TryTakeProvided(string folder, string name) => TryTake(folder, name, make: false);

    internal static FolderLock? TryTake(string folder, string name) => TryTake(folder, name, make: true);

    /// <summary>For what is held for milliseconds only; null when its holder keeps it for ten seconds.</summary>
    internal static FolderLock? Take(string folder, string name)
    {
        for (int attempt = 0; attempt < ShortPatience; attempt++)
        {
            if (TryTake(folder, name) is { } taken)
            {
                return taken;
            }

            // Nothing signals that another process lets go of a lock, and the callers are synchronous.
            Thread.Sleep(ShortPause);
        }

        return null;
    }

    private static FolderLock? TryTake(string folder, string name, bool make)
    {
        string path = Path.Combine(folder, name);
        for (int attempt = 0; ; attempt++)
        {
            if (Open(path, make, exclusive: true) is { } file)
            {
                return new FolderLock(file);
            }

            // A holder shuts a probe out; if a probe gets in, then what stood in the way was another probe.
            if (attempt == ProbePatience || IsHeld(folder, name))
            {
                return null;
            }

            // Nothing signals the end of a probe; ten seconds at the most.
            Thread.Sleep(ProbePause);
        }
    }

    internal static bool IsHeld(string folder, string name)
    {
        try
        {
            // FileShare.None is an exclusive lock on Unix and anything else a shared one, so that two probes pass each
            // other; on Windows both share modes say the same.
            using IDisposable? file = Open(Path.Combine(folder, name), make: false, exclusive: false);
            return file is null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    private static IDisposable? Open(string path, bool make, bool exclusive)
    {
        try
        {
            return OperatingSystem.IsLinux()
                ? OwnerRights.In(Path.GetDirectoryName(path)!, () => OpenOnLinux(path, make, exclusive))
                : new FileStream(path, new FileStreamOptions
                {
                    Mode = make ? FileMode.OpenOrCreate : FileMode.Open,
                    Access = make || exclusive ? FileAccess.ReadWrite : FileAccess.Read,
                    Share = exclusive ? FileShare.None : FileShare.ReadWrite,
                    BufferSize = 0,
                });
        }
        catch (UnauthorizedAccessException e)
        {
            throw DataFolder.NotWritable(path, e);
        }
        catch (IOException e) when (!OperatingSystem.IsLinux() && IsSharing(e))
        {
            return null;
        }
        catch (IOException e) when (make || e is not (FileNotFoundException or DirectoryNotFoundException))
        {
            throw DataFolder.NotWritable(path, e);
        }
    }

    // Neither follows a link that somebody put in the place of the lock, nor waits for the other end of a pipe.
    private static LockedFile? OpenOnLinux(string path, bool make, bool exclusive)
    {
        if (make && FileFacts.Of(path) is null)
        {
            try
            {
                FolderRights.CreateFile(path).Dispose();
            }
            catch (IOException) when (FileFacts.Of(path) is not null)
            {
                // Another process was faster.
            }
        }

        SafeFileHandle file = OwnFile.Open(path, write: exclusive);
        if (OwnFile.TryLock(file, exclusive))
        {
            return new LockedFile(file);
        }

        file.Dispose();
        return null;
    }

    // EWOULDBLOCK on macOS; ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION on Windows.
    private static bool IsSharing(IOException e) => OperatingSystem.IsWindows()
        ? (e.HResult & 0xFFFF) is 32 or 33
        : e.HResult == 35;

    private sealed class LockedFile(SafeFileHandle file) : IDisposable
    {
        public void Dispose()
        {
            if (!file.IsClosed)
            {
                OwnFile.Unlock(file);
                file.Dispose();
            }
        }
    }
}
