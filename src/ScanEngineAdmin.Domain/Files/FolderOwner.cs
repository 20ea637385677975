using System.Globalization;
using System.Runtime.InteropServices;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Domain.Files;

/// <summary>
/// Whose a data folder is. The way to it is walked from the top: what root owns and nobody else may write can be
/// changed by nobody else; from the first folder of another user on all of it has to be that user's, without a link,
/// for he can put anything in the place of what is below. Linux only.
/// </summary>
/// <param name="User">The only user beside root who decides what the path leads to.</param>
/// <param name="Group">The group of the first folder that is his.</param>
internal readonly record struct FolderOwner(uint User, uint Group)
{
    private const int MostLinks = 16;

    /// <summary>The user that this process is.</summary>
    public static uint Me => geteuid();

    /// <summary>The group that new files of this user get; the folder's where the system does not know him.</summary>
    public uint PrimaryGroup => UnixAccount.Of(User)?.Group ?? Group;

    /// <summary>The name of the user, or the number where the system does not know him.</summary>
    public string Name => NameOf(User);

    /// <summary>For a folder that is not there yet: the owner of what it would be made in.</summary>
    /// <exception cref="ScanEngineException">DataFolderNotSafe.</exception>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    public static FolderOwner Of(string folder) => Walk(Path.GetFullPath(folder), MostLinks, isShared: false);

    /// <summary>The same of a folder that may be like /tmp: where everybody may write, and move what is his only.</summary>
    /// <exception cref="ScanEngineException">DataFolderNotSafe.</exception>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    public static FolderOwner OfShared(string folder) => Walk(Path.GetFullPath(folder), MostLinks, isShared: true);

    private static FolderOwner Walk(string path, int links, bool isShared)
    {
        var owner = new FolderOwner(0, 0);
        string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        string at = "/";
        for (int depth = 0; depth <= parts.Length; depth++)
        {
            at = depth == 0 ? at : Path.Combine(at, parts[depth - 1]);
            if (FileFacts.Of(at) is not { } facts)
            {
                return owner;
            }

            if (facts.IsLink)
            {
                if (owner.User != 0 || links == 0 || (facts.User != 0 && facts.User != Me))
                {
                    throw NotSafe(path, $"'{at}' is a link that {NameOf(facts.User)} made");
                }

                string target = new FileInfo(at).LinkTarget ?? throw NotSafe(path, $"'{at}' is a link");
                string led = Path.GetFullPath(target, Path.GetDirectoryName(at) ?? "/");
                return Walk(Path.Combine([led, .. parts[depth..]]), links - 1, isShared);
            }

            owner = Next(owner, facts, at, path, mayBeSticky: isShared || depth < parts.Length);
        }

        return owner;
    }

    private static FolderOwner Next(FolderOwner owner, FileFacts facts, string at, string path, bool mayBeSticky)
    {
        if (owner.User != 0 && facts.User != owner.User)
        {
            throw NotSafe(
                path, $"'{at}' belongs to {NameOf(facts.User)}, and lies in a folder of {owner.Name}");
        }

        // In a folder like /tmp only its owner may move what he has there; a node's own must not be one.
        if ((facts.OthersWrite || (facts.GroupWrites && !IsPrivate(facts))) && !(mayBeSticky && facts.IsSticky))
        {
            throw NotSafe(path, $"others than {NameOf(facts.User)} may write into '{at}'");
        }

        return owner.User == 0 ? new FolderOwner(facts.User, facts.Group) : owner;
    }

    // Many systems give every user a group of his own, and its right to write then is his.
    private static bool IsPrivate(FileFacts facts)
    {
        if (facts.User == 0 && facts.Group == 0)
        {
            return true;
        }

        return UnixAccount.Of(facts.User) is { } account && account.Group == facts.Group && account.IsAloneInGroup;
    }

    private static string NameOf(uint user) =>
        UnixAccount.Of(user)?.Name ?? string.Create(CultureInfo.InvariantCulture, $"#{user}");

    private static ScanEngineException NotSafe(string path, string why) => new(
        FaultCode.DataFolderNotSafe,
        $"The folder '{path}' is not used: {why}. Somebody else could put something in the place of what is in "
            + "it.",
        "Use a folder that only its owner can write, below folders that only root or that owner can write: "
            + $"chmod go-w on what is named here, chown -R OWNER '{path}' if root has made files in it, "
            + "or name another folder with -DataPath.",
        path);

#pragma warning disable IDE1006, SYSLIB1054 // Named as the C library does; generated code would need unsafe blocks.
    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint geteuid();
#pragma warning restore IDE1006, SYSLIB1054
}
