using System.Globalization;
using System.Runtime.InteropServices;

namespace ScanEngineAdmin.Domain.Files;

/// <summary>
/// What a path names, without following a link at its end and without opening it: a pipe or a device that somebody
/// put in the place of a file would hold whoever opens it.
/// </summary>
/// <param name="User">The owner; zero where the system does not say (anything but Linux).</param>
/// <param name="Group">The group, likewise.</param>
/// <param name="Mode">Kind and permissions as POSIX has them.</param>
/// <param name="Device">With <paramref name="Inode"/> the identity of the file; both zero where unknown.</param>
/// <param name="Inode">See <paramref name="Device"/>.</param>
internal readonly record struct FileFacts(uint User, uint Group, int Mode, ulong Device, ulong Inode)
{
    private const int CurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const int EmptyPath = 0x1000;
    private const uint Basics = 0x7ff;
    private const int NoSuchFile = 2;
    private const int NotAFolder = 20;
    private const int Kind = 0xF000;
    private const int RegularKind = 0x8000;
    private const int FolderKind = 0x4000;
    private const int LinkKind = 0xA000;

    public bool IsRegular => (Mode & Kind) == RegularKind;

    public bool IsFolder => (Mode & Kind) == FolderKind;

    public bool IsLink => (Mode & Kind) == LinkKind;

    public bool IsSticky => (Mode & 0x200) != 0;

    public bool GroupWrites => (Mode & 0x10) != 0;

    public bool OthersWrite => (Mode & 0x2) != 0;

    /// <summary>In words, for an error.</summary>
    public string KindName => (Mode & Kind) switch
    {
        LinkKind => "a link",
        FolderKind => "a folder",
        RegularKind => "a file",
        0x1000 => "a pipe",
        0xC000 => "a socket",
        _ => "a device",
    };

    /// <summary>Null where there is nothing of that name.</summary>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    public static FileFacts? Of(string path) => OperatingSystem.IsLinux()
        ? Ask(CurrentFolder, path, NoFollow, path)
        : OfPortable(path);

    /// <summary>Of what is open already, so that nothing can be put in its place any more. Linux only.</summary>
    public static FileFacts Of(SafeHandle open, string path) =>
        Ask((int)open.DangerousGetHandle(), string.Empty, EmptyPath, path)
        ?? throw new IOException($"'{path}' cannot be looked at.");

    private static FileFacts? Ask(int folder, string asked, int flags, string path)
    {
        byte[] said = new byte[256];
        try
        {
            if (statx(folder, asked, flags, Basics, said) != 0)
            {
                int error = Marshal.GetLastPInvokeError();
                return error is NoSuchFile or NotAFolder
                    ? null
                    : throw new IOException(string.Create(
                        CultureInfo.InvariantCulture, $"'{path}' cannot be looked at (error {error})."));
            }
        }
        catch (EntryPointNotFoundException e)
        {
            throw new IOException($"'{path}' cannot be looked at: this system's C library is older than statx.", e);
        }

        // The layout of statx, other than that of stat, is the same on every architecture.
        return new FileFacts(
            BitConverter.ToUInt32(said, 20),
            BitConverter.ToUInt32(said, 24),
            BitConverter.ToUInt16(said, 28),
            ((ulong)BitConverter.ToUInt32(said, 136) << 32) | BitConverter.ToUInt32(said, 140),
            BitConverter.ToUInt64(said, 32));
    }

    private static FileFacts? OfPortable(string path)
    {
        FileSystemInfo info = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
        if (info.LinkTarget is not null)
        {
            return new FileFacts { Mode = LinkKind };
        }

        if (!info.Exists)
        {
            return null;
        }

        int mode = OperatingSystem.IsWindows() ? 0 : (int)info.UnixFileMode;
        return new FileFacts { Mode = mode | (info is DirectoryInfo ? FolderKind : RegularKind) };
    }

#pragma warning disable IDE1006, SYSLIB1054 // Named as the C library does; generated code would need unsafe blocks.
    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int statx(
        int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, byte[] said);
#pragma warning restore IDE1006, SYSLIB1054
}
