using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Domain.Files;

/// <summary>
/// Makes folders and files that are their owner's only, and on Windows checks that they are: what %ProgramData% hands
/// down lets every user read and add files. The rules themselves are in <see cref="AclRules"/>.
/// </summary>
internal static class FolderRights
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes a folder that nobody else may enter; one that is there stays as it is.</summary>
    public static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            MakeOnWindows(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnerFile | UnixFileMode.UserExecute);
        }
    }

    /// <summary>A new file that is its owner's only, from its first byte on.</summary>
    public static FileStream CreateFile(string path, FileOptions options = FileOptions.None) =>
        OperatingSystem.IsWindows()
            ? CreateOnWindows(path, options)
            : new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Share = FileShare.None,
                Options = options,
                UnixCreateMode = OwnerFile,
            });

    /// <summary>Whether this session has an administrator's or the system's rights.</summary>
    [SupportedOSPlatform("windows")]
    public static bool IsElevated
    {
        get
        {
            using var user = WindowsIdentity.GetCurrent();
            return user.IsSystem || new WindowsPrincipal(user).IsInRole(WindowsBuiltInRole.Administrator);
        }
    }

    /// <exception cref="ScanEngineException">DataFolderNotSafe, DataFolderOfAnother.</exception>
    [SupportedOSPlatform("windows")]
    public static void Check(string folder)
    {
        var info = new DirectoryInfo(folder);
        if (!info.Exists)
        {
            return;
        }

        if (info.LinkTarget is not null)
        {
            throw NotSafe(folder, "it leads elsewhere");
        }

        DirectorySecurity security = info.GetAccessControl(AccessControlSections.Owner | AccessControlSections.Access);
        string self = Self();
        string owner = security.GetOwner(typeof(SecurityIdentifier))?.Value ?? string.Empty;
        if (!AclRules.IsOurs(owner, self))
        {
            throw new ScanEngineException(
                FaultCode.DataFolderOfAnother,
                $"The data folder '{folder}' belongs to {NameOf(owner)}, who could make this session write elsewhere.",
                $"Run it as {NameOf(owner)}, or name another folder with -DataPath.",
                folder);
        }

        if (AclRules.OtherWriter(Entries(security), self) is { } other)
        {
            throw NotSafe(folder, $"{NameOf(other)} may write into it");
        }
    }

    /// <summary>Who else may read a file; null if nobody may.</summary>
    [SupportedOSPlatform("windows")]
    public static string? OtherReader(string file) =>
        AclRules.OtherReader(Entries(new FileInfo(file).GetAccessControl(AccessControlSections.Access)), Self())
            is { } sid ? NameOf(sid) : null;

    [SupportedOSPlatform("windows")]
    private static IEnumerable<AclEntry> Entries(FileSystemSecurity security) => security
        .GetAccessRules(includeExplicit: true, includeInherited: true, typeof(SecurityIdentifier))
        .Cast<FileSystemAccessRule>()
        .Select(static rule => new AclEntry(
            rule.IdentityReference.Value,
            rule.AccessControlType == AccessControlType.Allow,
            (uint)rule.FileSystemRights,
            rule.PropagationFlags.HasFlag(PropagationFlags.InheritOnly)));

    [SupportedOSPlatform("windows")]
    private static void MakeOnWindows(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        var security = new DirectorySecurity();
        Fill(security, InheritanceFlags.ContainerInherit | InheritanceFlags.ObjectInherit);
        if (Path.GetDirectoryName(path) is { Length: > 0 } above)
        {
            Directory.CreateDirectory(above);
        }

        new DirectoryInfo(path).Create(security);
    }

    [SupportedOSPlatform("windows")]
    private static FileStream CreateOnWindows(string path, FileOptions options)
    {
        var security = new FileSecurity();
        Fill(security, InheritanceFlags.None);
        return new FileInfo(path).Create(
            FileMode.CreateNew, FileSystemRights.Write, FileShare.None, 4096, options, security);
    }

    // What the folder above hands down is cut off here.
    [SupportedOSPlatform("windows")]
    private static void Fill(FileSystemSecurity security, InheritanceFlags handedDown)
    {
        security.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        foreach (string sid in new[] { Self(), AclRules.Administrators, AclRules.System }.Distinct())
        {
            security.AddAccessRule(new FileSystemAccessRule(
                new SecurityIdentifier(sid), FileSystemRights.FullControl, handedDown, PropagationFlags.None,
                AccessControlType.Allow));
        }
    }

    [SupportedOSPlatform("windows")]
    private static string Self()
    {
        using var user = WindowsIdentity.GetCurrent();
        return user.User?.Value ?? AclRules.System;
    }

    [SupportedOSPlatform("windows")]
    private static string NameOf(string sid)
    {
        try
        {
            return new SecurityIdentifier(sid).Translate(typeof(NTAccount)).Value;
        }
        catch (Exception e) when (e is SystemException or ArgumentException)
        {
            return sid;
        }
    }

    private static ScanEngineException NotSafe(string folder, string why) => new(
        FaultCode.DataFolderNotSafe,
        $"The data folder '{folder}' is not used: {why}. Somebody else could change what is in it.",
        $"icacls \"{folder}\" /inheritance:r /grant:r Administrators:(OI)(CI)F SYSTEM:(OI)(CI)F, and see what is in it "
            + "first; or name another folder with -DataPath.",
        folder);
}
