using System.Runtime.InteropServices;

namespace ScanEngineAdmin.Storage.Sqlite;

/// <summary>
/// The rights of a folder's owner, for root's hand on a store that may be hostile: SQLite deletes and opens files that
/// the store's own files name (a journal can name any as its super-journal), and whatever is swapped for a link between
/// two looks is followed. With the owner's rights none of it reaches further than the owner himself.
/// </summary>
internal sealed class OwnerRights
{
    private const int CurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const uint Basics = 0x7ff;
    private const int UserAt = 20;
    private const int GroupAt = 24;

    private readonly string _folder;
    private readonly uint _user;
    private readonly uint _group;

    private OwnerRights(string folder, uint user, uint group) => (_folder, _user, _group) = (folder, user, group);

    /// <summary>Null where there is nothing to give up: not root, root's own folder, or not Linux.</summary>
    public static OwnerRights? Of(string folder)
    {
        if (!OperatingSystem.IsLinux() || geteuid() != 0)
        {
            return null;
        }

        // The layout of statx, other than that of stat, is the same on every architecture.
        byte[] said = new byte[256];
        if (statx(CurrentFolder, folder, NoFollow, Basics, said) != 0)
        {
            throw StoreFaults.NotThere(folder, "cannot be looked at");
        }

        uint user = BitConverter.ToUInt32(said, UserAt);
        if (user == 0)
        {
            return null;
        }

        ProgramCode.LoadAll();
        return new OwnerRights(folder, user, BitConverter.ToUInt32(said, GroupAt));
    }

    /// <summary>
    /// Runs it with these rights on files. They are the thread's alone, so nothing in it may be asynchronous.
    /// </summary>
    public T Run<T>(Func<T> work)
    {
        int group = setfsgid(_group);
        int user = setfsuid(_user);
        try
        {
            // Neither call tells of a failure; asking for an impossible id tells which is in force.
            return (uint)setfsuid(uint.MaxValue) == _user && (uint)setfsgid(uint.MaxValue) == _group
                ? work()
                : throw StoreFaults.RightsKept(_folder);
        }
        finally
        {
            _ = setfsuid((uint)user);
            _ = setfsgid((uint)group);
        }
    }

#pragma warning disable IDE1006, SYSLIB1054 // Named as the C library does; generated code would need unsafe blocks.
    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint geteuid();

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int setfsuid(uint user);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int setfsgid(uint group);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int statx(
        int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, byte[] said);
#pragma warning restore IDE1006, SYSLIB1054
}
