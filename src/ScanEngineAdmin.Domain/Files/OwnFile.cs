using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ScanEngineAdmin.Domain.Files;

/// <summary>
/// The files in a node's folder, and others that a service reads: the one way to open, move and remove them. On Unix no
/// link is followed, unless it is asked for, and nothing but a regular file is opened, so a pipe, a device or an endless
/// file in the place of one holds nobody up. On Windows
/// whoever reads leaves others free to replace the file, and what a scanner or a backup holds for a moment is tried
/// again.
/// </summary>
internal static class OwnFile
{
    /// <summary>More than any key, certificate or state has.</summary>
    public const int Longest = 1024 * 1024;

    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int ReadWrite = 2;
    private const int NoSuchFile = 2;
    private const int NotAllowed = 13;
    private const int FileIsThere = 17;
    private const int CurrentFolder = -100;
    private const uint NoReplace = 1;
    private const int LockShared = 1;
    private const int LockExclusive = 2;
    private const int LockAtOnce = 4;
    private const int LockUnlock = 8;
    private const int Tries = 20;

    // Between two tries: short beside the time for which a scanner or a backup holds a file.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public static bool Exists(string path) => FileFacts.Of(path) is { IsRegular: true };

    public static string ReadText(string path) => Encoding.UTF8.GetString(ReadBytes(path));

    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="IOException">It is no regular file, or too long to be one of this product.</exception>
    public static byte[] ReadBytes(string path, int longest = Longest) => Again(() =>
    {
        using SafeFileHandle file = Open(path, write: false);
        byte[] bytes = new byte[Math.Min(RandomAccess.GetLength(file), longest) + 1];
        int read = 0;
        while (read < bytes.Length && RandomAccess.Read(file, bytes.AsSpan(read), read) is > 0 and int more)
        {
            read += more;
        }

        return read < bytes.Length ? bytes[..read] : throw new IOException($"'{path}' is longer than it may be.");
    });

    /// <summary>
    /// Moves a file. One that is there is replaced only if that is asked for: on Unix .NET looks first and then replaces
    /// what has come meanwhile, so on Linux the kernel is asked.
    /// </summary>
    public static void Move(string from, string to, bool overwrite) => Again(() =>
    {
        if (!overwrite && OperatingSystem.IsLinux() && TryMoveNew(from, to))
        {
            return true;
        }

        File.Move(from, to, overwrite);
        return true;
    });

    public static void Delete(string path) => Again(() =>
    {
        File.Delete(path);
        return true;
    });

    /// <summary>Opens a file that is there, without waiting for a pipe's other end.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Whether it is written as well.</param>
    /// <param name="follow">Whether a link in its place is followed: for a file that an admin has named, which systemd,
    /// a container or he himself may have linked.</param>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="IOException">It is no regular file.</exception>
    public static SafeFileHandle Open(string path, bool write, bool follow = false)
    {
        if (!OperatingSystem.IsLinux())
        {
            if (FileFacts.Of(path) is { IsRegular: false } other && !(follow && other.IsLink))
            {
                throw NoFile(path, other);
            }

            return File.OpenHandle(
                path, FileMode.Open, write ? FileAccess.ReadWrite : FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete);
        }

        SafeFileHandle file = new(open(path, (follow ? 0 : NoFollow) | NonBlocking | CloseOnExec | (write ? ReadWrite : 0)), true);
        if (file.IsInvalid)
        {
            throw Failed(path, Marshal.GetLastPInvokeError());
        }

        FileFacts facts = FileFacts.Of(file, path);
        if (!facts.IsRegular)
        {
            file.Dispose();
            throw NoFile(path, facts);
        }

        return file;
    }

    /// <summary>Takes the lock of the OS on an open file; false when another one has it. Unix only.</summary>
    public static bool TryLock(SafeFileHandle file, bool exclusive) =>
        flock(file, (exclusive ? LockExclusive : LockShared) | LockAtOnce) == 0;

    /// <summary>
    /// Gives the lock back before the file is closed: a process that this one is just starting has a copy of the open
    /// file until its program runs, and would hold the lock for so long.
    /// </summary>
    /// <exception cref="ObjectDisposedException">It is closed already.</exception>
    public static void Unlock(SafeFileHandle file) => _ = flock(file, LockUnlock);

    // O_NOFOLLOW is one of the few flags that the architectures do not agree on.
    private static int NoFollow => RuntimeInformation.ProcessArchitecture
        is Architecture.Arm or Architecture.Arm64 or Architecture.Ppc64le ? 0x8000 : 0x20000;

    private static IOException NoFile(string path, FileFacts facts) =>
        new($"'{path}' is {facts.KindName}, where a file should be.");

    private static Exception Failed(string path, int error) => error switch
    {
        NoSuchFile => new FileNotFoundException($"'{path}' is not there.", path),
        NotAllowed => new UnauthorizedAccessException($"Access to '{path}' is denied."),
        _ when FileFacts.Of(path) is { IsRegular: false } facts => NoFile(path, facts),
        _ => new IOException(string.Create(CultureInfo.InvariantCulture, $"'{path}' cannot be opened ({error}).")),
    };

    /// <summary>False where it cannot be done so, as on a file system that does not know how; .NET says all else.</summary>
    private static bool TryMoveNew(string from, string to)
    {
        try
        {
            return renameat2(CurrentFolder, from, CurrentFolder, to, NoReplace) == 0
                || (Marshal.GetLastPInvokeError() == FileIsThere ? throw new IOException($"'{to}' is there already.") : false);
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
    }

    private static T Again<T>(Func<T> work)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return work();
            }
            catch (Exception e) when (attempt < Tries && IsPassing(e))
            {
                // Nothing signals that another process closes a file.
                Thread.Sleep(Pause);
            }
        }
    }

    // ERROR_ACCESS_DENIED (also: being deleted or replaced) and ERROR_SHARING_VIOLATION.
    private static bool IsPassing(Exception e) => OperatingSystem.IsWindows()
        && (e is UnauthorizedAccessException || (e is IOException && (e.HResult & 0xFFFF) is 5 or 32));

#pragma warning disable IDE1006, SYSLIB1054 // Named as the C library does; generated code would need unsafe blocks.
    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int renameat2(
        int fromFolder,
        [MarshalAs(UnmanagedType.LPUTF8Str)] string from,
        int toFolder,
        [MarshalAs(UnmanagedType.LPUTF8Str)] string to,
        uint flags);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int flock(SafeFileHandle file, int operation);
#pragma warning restore IDE1006, SYSLIB1054
}
