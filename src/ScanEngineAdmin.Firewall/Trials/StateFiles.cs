using System.Text;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Firewall.Trials;

/// <summary>
/// Files that say what root will run: in a folder that only its owner may enter, whole or not there at all.
/// </summary>
internal static class StateFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <exception cref="ScanEngineException">FirewallAccessDenied, StoreFull.</exception>
    public static void EnsureFolder(string folder)
    {
        try
        {
            var info = new DirectoryInfo(folder);
            if (OperatingSystem.IsWindows())
            {
                FolderRights.MakeFolder(folder);
                FolderRights.Check(folder);
                return;
            }

            Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
            if (info.LinkTarget is not null || (File.GetUnixFileMode(folder) & Others) != 0)
            {
                throw new ScanEngineException(
                    FaultCode.FirewallAccessDenied,
                    $"{folder} is open to others or leads elsewhere. What is in it would be run as root.",
                    $"See what is in it, then close it: chmod 700 {folder}",
                    folder);
            }

            CheckOwner(folder);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw FullDisk.Is(e) ? FullDisk.Fault(folder, e) : new ScanEngineException(
                FaultCode.FirewallAccessDenied,
                $"This user may not change this host's filter: {folder} cannot be written.",
                OperatingSystem.IsWindows()
                    ? "Run it again in a PowerShell that was started as administrator."
                    : "Run it again as root: sudo pwsh",
                folder, e);
        }
    }

    private static void CheckOwner(string folder)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        (string Path, string? Why)[] looked = [
            (folder, FileOwner.WhyNotOurs(folder) ?? FileOwner.WhyReplaceable(folder)),
            .. Directory.EnumerateFileSystemEntries(folder).Select(static file => (file, WhyNot(file)))];
        if (looked.FirstOrDefault(static one => one.Why is not null) is { Why: { } why, Path: { } path })
        {
            throw new ScanEngineException(
                FaultCode.FirewallAccessDenied,
                $"Another user could change {path}, and what is in {folder} would be run as root: {why}.",
                "Name a folder that only root may write, in folders of root's (--state, or the usual one without it), "
                    + $"or see what is in it and take it away: rm -r {folder}",
                path);
        }

        static string? WhyNot(string file)
        {
            try
            {
                return FileOwner.WhyNotOurs(file);
            }
            catch (IOException) when (!Path.Exists(file))
            {
                // Done with in between by the process that undoes.
                return null;
            }
        }
    }

    public static void Write(string path, string text)
    {
        string half = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using (var file = new FileStream(half, options))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }

        File.Move(half, path, overwrite: true);
    }

    /// <summary>Waits for the one lock of this host's applier.</summary>
    public static async Task<FolderLock> LockAsync(
        string folder, TimeSpan bound, TimeProvider time, CancellationToken cancellationToken)
    {
        EnsureFolder(folder);
        long begun = time.GetTimestamp();
        while (true)
        {
            if (FolderLock.TryTake(folder) is { } taken)
            {
                return taken;
            }

            if (time.GetElapsedTime(begun) >= bound)
            {
                throw FirewallFaults.Busy(folder);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), time, cancellationToken).ConfigureAwait(false);
        }
    }
}
