using System.Globalization;
using System.Runtime.InteropServices;

namespace ScanEngineAdmin.Firewall.Tools;

/// <summary>
/// Who else could change what a path leads to. Linux only: nowhere else does this product run steps from a file.
/// </summary>
internal static class FileOwner
{
    private const int CurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const uint Basics = 0x7ff;
    private const int UserAt = 20;
    private const int ModeAt = 28;
    private const int Kind = 0xF000;
    private const int Link = 0xA000;
    private const int Sticky = 0x200;
    private const int OthersWrite = 0x12;
    private const int MostLinks = 16;

    /// <summary>Why another user may change a file or folder itself; null if none may.</summary>
    public static string? WhyNotOurs(string path)
    {
        (uint user, int mode) = Stat(path);
        return (mode & Kind) == Link ? "it leads elsewhere"
            : !Trusted(user) ? string.Create(CultureInfo.InvariantCulture, $"it belongs to user {user}")
            : (mode & OthersWrite) != 0 ? "others may write it"
            : null;
    }

    /// <summary>Why another user could put something else in the place of a folder; null if none could.</summary>
    public static string? WhyReplaceable(string folder) => Above(Path.GetFullPath(folder), MostLinks);

    private static string? Above(string path, int links)
    {
        for (string? above = Path.GetDirectoryName(path); above is not null; above = Path.GetDirectoryName(above))
        {
            (uint user, int mode) = Stat(above);
            if (!Trusted(user))
            {
                return string.Create(CultureInfo.InvariantCulture, $"{above}, which it is in, belongs to user {user}");
            }

            if ((mode & Kind) == Link)
            {
                string? target = new DirectoryInfo(above).ResolveLinkTarget(returnFinalTarget: false)?.FullName;
                return target is null || links == 0
                    ? $"{above}, which it is in, leads nowhere"
                    : Above(Path.Combine(target, "x"), links - 1) ?? Above(above, links - 1);
            }

            // In a folder like /tmp only its owner may move what he has there.
            if ((mode & OthersWrite) != 0 && (mode & Sticky) == 0)
            {
                return $"{above}, which it is in, may be written by others";
            }
        }

        return null;
    }

    private static bool Trusted(uint user) => user == 0 || user == geteuid();

    // The layout of statx, other than that of stat, is the same on every architecture.
    private static (uint User, int Mode) Stat(string path)
    {
        byte[] said = new byte[256];
        try
        {
            return statx(CurrentFolder, path, NoFollow, Basics, said) == 0
                ? (BitConverter.ToUInt32(said, UserAt), BitConverter.ToUInt16(said, ModeAt))
                : throw new IOException($"{path} cannot be looked at.");
        }
        catch (EntryPointNotFoundException e)
        {
            throw new IOException($"{path} cannot be looked at: this system's C library is older than statx.", e);
        }
    }

#pragma warning disable IDE1006, SYSLIB1054 // Named as the C library does; generated code would need unsafe blocks.
    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint geteuid();

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int statx(
        int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, byte[] said);
#pragma warning restore IDE1006, SYSLIB1054
}
