using System.Runtime.InteropServices;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Domain.Files;

/// <summary>
/// The door to a data folder, for everybody who opens one. Whose a folder is decides what is done with it: its owner
/// does everything; root works with the owner's rights (<see cref="OwnerRights"/>), and leaves to the owner what keeps
/// files open or runs for long: a node, an export, an import; anybody else gets an error that names who may.
/// </summary>
internal static class FolderAccess
{
    private const int WriteAndEnter = 3;
    private const int ReadOnly = 30;

    /// <summary>Before a folder is used; it need not be there yet.</summary>
    /// <exception cref="ScanEngineException">DataFolderNotSafe, DataFolderOfAnother.</exception>
    public static void Enter(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            FolderRights.Check(folder);
        }
        else if (OperatingSystem.IsLinux() && FolderOwner.Of(folder) is { User: not 0 } owner
            && FolderOwner.Me is not 0 and var me && me != owner.User)
        {
            throw OfAnother(folder, owner);
        }
    }

    /// <summary>Before what only the owner himself may do.</summary>
    /// <exception cref="ScanEngineException">DataFolderNotSafe, DataFolderOfAnother.</exception>
    public static void RequireOwner(string folder)
    {
        Enter(folder);
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        // In root's own folder anybody who may can still make one: then it is his.
        FolderOwner owner = FolderOwner.Of(folder);
        if (owner.User != FolderOwner.Me && (owner.User != 0 || FileFacts.Of(folder) is not null))
        {
            throw OfAnother(folder, owner);
        }
    }

    /// <summary>Null where this user may write; nothing is made to find that out.</summary>
    public static Exception? WhyNotWritable(string folder)
    {
        if (access(folder, WriteAndEnter) == 0)
        {
            return null;
        }

        return Marshal.GetLastPInvokeError() == ReadOnly
            ? new IOException($"'{folder}' is on a file system that is read-only.", ReadOnly)
            : new UnauthorizedAccessException($"Access to the path '{folder}' is denied.");
    }

    private static ScanEngineException OfAnother(string folder, FolderOwner owner)
    {
        string change = FolderOwner.Me == 0 ? "runuser" : "sudo";
        return new ScanEngineException(
            FaultCode.DataFolderOfAnother,
            $"The data folder '{folder}' belongs to {owner.Name}: what another user makes in it, its node could not "
                + "read.",
            $"{change} -u {owner.Name} -- pwsh    # and there the same command; or name another folder with -DataPath",
            folder);
    }

#pragma warning disable IDE1006, SYSLIB1054 // Named as the C library does; generated code would need unsafe blocks.
    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int access([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int mode);
#pragma warning restore IDE1006, SYSLIB1054
}
