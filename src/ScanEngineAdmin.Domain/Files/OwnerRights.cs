using System.Runtime.InteropServices;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Domain.Files;

/// <summary>
/// The rights of a folder's owner on files, for root's hand in a folder that may be hostile: user and group, and no
/// supplementary groups. What a name there leads to, what a store's journal names, and whatever is swapped for a link
/// between two looks reaches no further than the owner himself; and what is made there is the owner's.
/// </summary>
internal sealed class OwnerRights
{
    private const int GetDumpable = 3;
    private const int SetDumpable = 4;
    private static readonly object Inside = new();
    private static readonly bool WasDumpable = OperatingSystem.IsLinux() && prctl(GetDumpable, 0, 0, 0, 0) == 1;
    private static int _threads;

    private readonly string _folder;
    private readonly uint _user;
    private readonly uint _group;

    private OwnerRights(string folder, uint user, uint group) => (_folder, _user, _group) = (folder, user, group);

    /// <summary>Null where there is nothing to give up: not root, root's own folder, or not Linux.</summary>
    /// <exception cref="ScanEngineException">DataFolderNotSafe: nobody can say whose it will be at the next look.
    /// </exception>
    public static OwnerRights? Of(string folder) => Of(folder, FolderOwner.Of);

    /// <summary>
    /// For a file that an admin names: root makes it in another user's folder with that user's rights, as his file, and
    /// in a folder like /tmp as root's own.
    /// </summary>
    /// <exception cref="ScanEngineException">OptionInvalid: somebody else could move it elsewhere.</exception>
    public static OwnerRights? OfFile(string path)
    {
        try
        {
            return Of(Path.GetDirectoryName(Path.GetFullPath(path))!, FolderOwner.OfShared);
        }
        catch (ScanEngineException e) when (e.Code == FaultCode.DataFolderNotSafe)
        {
            throw new ScanEngineException(
                FaultCode.OptionInvalid,
                $"Root writes no file '{path}'. {e.Message}",
                "Name a file in a folder that only its owner can write, or in the folder for temporary files.",
                path,
                e);
        }
    }

    private static OwnerRights? Of(string folder, Func<string, FolderOwner> look)
    {
        if (!OperatingSystem.IsLinux() || FolderOwner.Me != 0)
        {
            return null;
        }

        FolderOwner owner = look(folder);
        if (owner.User == 0)
        {
            return null;
        }

        ProgramCode.LoadAll(typeof(OwnerRights).Assembly);
        return new OwnerRights(folder, owner.User, owner.PrimaryGroup);
    }

    /// <summary>Runs it with the rights of the folder's owner where this process is root and the owner is not.
    /// </summary>
    public static T In<T>(string folder, Func<T> work) => Of(folder) is { } rights ? rights.Run(work) : work();

    /// <summary>Runs it with these rights, or as it is where there are none to take.</summary>
    public static T With<T>(OwnerRights? rights, Func<T> work) => rights is null ? work() : rights.Run(work);

    /// <summary>As the other one.</summary>
    public static void In(string folder, Action work) => In(folder, () =>
    {
        work();
        return true;
    });

    /// <summary>
    /// Runs it with these rights on files. They are the thread's alone, so nothing in it may be asynchronous.
    /// </summary>
    public T Run<T>(Func<T> work)
    {
        byte[] groups = Groups();
        if (!SetGroups([]))
        {
            throw Kept();
        }

        Enter();
        int group = setfsgid(_group);
        int user = setfsuid(_user);
        try
        {
            // Neither call tells of a failure; asking for an impossible id tells which is in force.
            return (uint)setfsuid(uint.MaxValue) == _user && (uint)setfsgid(uint.MaxValue) == _group
                ? work()
                : throw Kept();
        }
        finally
        {
            _ = setfsuid((uint)user);
            _ = setfsgid((uint)group);
            _ = SetGroups(groups);
            Leave();
        }
    }

    /// <summary>Runs what gives one of its threads another user's rights on files by itself, and takes them back.
    /// </summary>
    public static T Around<T>(Func<T> work)
    {
        Enter();
        try
        {
            return work();
        }
        finally
        {
            Leave();
        }
    }

    private static void Enter()
    {
        lock (Inside)
        {
            _threads++;
        }
    }

    // The kernel shuts a process that changed its rights off from its own kind: without CAP_SYS_PTRACE its children could
    // no longer enter the network namespace of a rehearsal. It is opened again when no thread has the owner's rights.
    private static void Leave()
    {
        lock (Inside)
        {
            if (--_threads == 0 && WasDumpable)
            {
                _ = prctl(SetDumpable, 1, 0, 0, 0);
            }
        }
    }

    private static byte[] Groups()
    {
        int count = Math.Max(getgroups(0, []), 0);
        byte[] groups = new byte[count * sizeof(uint)];
        return count == 0 || getgroups(count, groups) == count ? groups : throw new IOException("getgroups failed.");
    }

    // The C library's own call changes all threads of the process.
    private static bool SetGroups(byte[] groups)
    {
        nint call = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => 116,
            Architecture.X86 or Architecture.Arm or Architecture.S390x => 206,
            Architecture.Ppc64le => 81,
            _ => 159,
        };
        return syscall(call, groups.Length / sizeof(uint), groups) == 0;
    }

    private ScanEngineException Kept() => new(
        FaultCode.DataFolderInvalid,
        $"'{_folder}' belongs to another user, and this process may not take that user's rights to read it.",
        "Give it CAP_SETUID and CAP_SETGID (CapabilityBoundingSet of its unit), or run it as plain root.",
        _folder);

#pragma warning disable IDE1006, SYSLIB1054 // Named as the C library does; generated code would need unsafe blocks.
    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int setfsuid(uint user);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int setfsgid(uint group);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int prctl(int option, nint value, nint third, nint fourth, nint fifth);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int getgroups(int size, byte[] groups);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint syscall(nint number, nint size, byte[] groups);
#pragma warning restore IDE1006, SYSLIB1054
}
