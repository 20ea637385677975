using System.Security.Cryptography;
using System.Text;

namespace ScanEngineAdmin.Core.Nodes;

/// <summary>The name of a folder's doorbell: the same for whoever listens and whoever rings.</summary>
internal static class DoorbellName
{
    // sun_path holds 104 bytes on macOS and 108 on Linux, the closing zero among them.
    private const int MaxSocketPath = 103;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const UnixFileMode Passable = UnixFileMode.GroupRead | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    internal static string Of(string folder, bool create)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (OperatingSystem.IsWindows())
        {
            return $"scanengineadmin-{Short(full.ToUpperInvariant(), 32)}";
        }

        string path = Path.Combine(full, "doorbell");
        if (Encoding.UTF8.GetByteCount(path) <= MaxSocketPath)
        {
            return path;
        }

        string shared = Path.Combine(Path.GetTempPath(), $"sea-{Short(Environment.UserName, 8)}");
        if (create)
        {
            Claim(shared);
        }

        return Path.Combine(shared, Short(full, 16));
    }

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
        }

        return Path.Combine(shared, Short(full, 16));
    }

    // The temporary folder is everybody's: a link, or a folder that somebody else made first under our name, must not
    // take our rings. Only a folder's owner may change its mode, so a folder that lets us is ours.
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    private static void Claim(string shared)
    {
        DirectoryInfo made = Directory.CreateDirectory(shared, OwnerOnly);
        if (made.LinkTarget is not null)
        {
            throw new IOException($"'{shared}' is a link; the doorbell needs a folder of its own there.");
        }

        File.SetUnixFileMode(shared, OwnerOnly);
    }

    private static string Short(string text, int digits) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..digits].ToLowerInvariant();
}
