using System.Security.Cryptography;
using System.Text;
using ScanEngineAdmin.Domain.Files;

namespace ScanEngineAdmin.Core.Nodes;

/// <summary>The name of a folder's doorbell: the same for whoever listens and whoever rings.</summary>
internal static class DoorbellName
{
    // sun_path holds 104 bytes on macOS and 108 on Linux, the closing zero among them.
    private const int MaxSocketPath = 103;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const UnixFileMode Passable = UnixFileMode.GroupRead | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>Where the bell hangs: in the folder itself, except on Windows.</summary>
    internal static string Of(string folder)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        return OperatingSystem.IsWindows()
            ? $"scanengineadmin-{Short(full.ToUpperInvariant(), 32)}"
            : Path.Combine(full, "doorbell");
    }

    /// <summary>Whether a socket can be bound under that name.</summary>
    internal static bool IsTooLong(string name) =>
        !OperatingSystem.IsWindows() && Encoding.UTF8.GetByteCount(name) > MaxSocketPath;

    /// <summary>
    /// The bell of the firewall applier that serves a folder. It hangs at a place that only root may write, since root
    /// makes it; everybody may ring, since a ring only asks to look.
    /// </summary>
    internal static string OfApplier(string folder, bool create)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (OperatingSystem.IsWindows())
        {
            return $"scanengineadmin-applier-{Short(full.ToUpperInvariant(), 32)}";
        }

        string shared = OperatingSystem.IsLinux() ? "/run/scanengineadmin-applier" : "/var/run/scanengineadmin-applier";
        if (create)
        {
            Directory.CreateDirectory(shared, OwnerOnly | Passable);
            if (OperatingSystem.IsLinux() && FolderOwner.Of(shared).User != FolderOwner.Me)
            {
                throw new IOException($"'{shared}' belongs to another user.");
            }
        }

        return Path.Combine(shared, Short(full, 16));
    }

    private static string Short(string text, int digits) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..digits].ToLowerInvariant();
}
