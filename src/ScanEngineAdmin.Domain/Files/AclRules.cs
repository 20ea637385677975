namespace ScanEngineAdmin.Domain.Files;

/// <summary>One entry of a Windows access list, as far as these rules need it.</summary>
/// <param name="Sid">Whom it is about, as <c>S-1-...</c>.</param>
/// <param name="Allows">False for a denial.</param>
/// <param name="Rights">The access mask.</param>
/// <param name="OnlyHandedDown">It says nothing of the folder itself, only of what is made in it.</param>
internal readonly record struct AclEntry(string Sid, bool Allows, uint Rights, bool OnlyHandedDown);

/// <summary>
/// Who may own, write and read what is in a data folder on Windows: its user, the administrators and the system. Kept
/// apart from the calls that ask Windows, so that the rules are tested on every system.
/// </summary>
internal static class AclRules
{
    public const string System = "S-1-5-18";
    public const string Administrators = "S-1-5-32-544";

    private const string TrustedInstaller = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464";
    private const string CreatorOwner = "S-1-3-0";
    private const string OwnerRights = "S-1-3-4";

    // Data, appended data, extended attributes, deletion of children, of itself, its access list, its owner; and the
    // two generic rights that hold all of these.
    private const uint Writes = 0x2 | 0x4 | 0x10 | 0x40 | 0x10000 | 0x40000 | 0x80000 | 0x40000000 | 0x10000000;
    private const uint Reads = 0x1 | 0x80000000 | 0x10000000;

    /// <summary>Whether an owner leaves the folder to nobody but its user, the administrators and the system.</summary>
    public static bool IsOurs(string owner, string self) => owner == self || IsSystem(owner);

    /// <summary>The first who may change what is there and should not; null if nobody may.</summary>
    public static string? OtherWriter(IEnumerable<AclEntry> entries, string self) => Other(entries, self, Writes);

    /// <summary>The first who may read what is there and should not; null if nobody may.</summary>
    public static string? OtherReader(IEnumerable<AclEntry> entries, string self) =>
        Other(entries, self, Reads | Writes);

    // A denial before it may take an entry's effect away; it is not counted on, since others need not stand in it.
    private static string? Other(IEnumerable<AclEntry> entries, string self, uint rights) => entries
        .Where(entry => entry.Allows && (entry.Rights & rights) != 0 && !IsOurs(entry.Sid, self)
            && entry.Sid != OwnerRights && !(entry.Sid == CreatorOwner && entry.OnlyHandedDown))
        .Select(static entry => entry.Sid)
        .FirstOrDefault();

    private static bool IsSystem(string sid) => sid is System or Administrators or TrustedInstaller;
}
