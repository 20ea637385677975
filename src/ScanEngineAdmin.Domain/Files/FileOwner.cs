using System.Globalization;

namespace ScanEngineAdmin.Domain.Files;

/// <summary>
/// Whether a user beside root and this process's own could change a file or folder, or put another in its place. Linux
/// only.
/// </summary>
internal static class FileOwner
{
    private const int MostLinks = 16;

    /// <summary>Why another user may change a file or folder itself; null if none may.</summary>
    public static string? WhyNotOurs(string path)
    {
        FileFacts facts = Look(path);
        return facts.IsLink ? "it leads elsewhere"
            : !Trusted(facts.User) ? string.Create(CultureInfo.InvariantCulture, $"it belongs to user {facts.User}")
            : facts.GroupWrites || facts.OthersWrite ? "others may write it"
            : null;
    }

    /// <summary>
    /// Why another user could put something else in the place of a file or folder, by the folders above; null if none
    /// could.
    /// </summary>
    public static string? WhyReplaceable(string path) => Above(Path.GetFullPath(path), MostLinks);

    private static string? Above(string path, int links)
    {
        for (string? above = Path.GetDirectoryName(path); above is not null; above = Path.GetDirectoryName(above))
        {
            FileFacts facts = Look(above);
            if (!Trusted(facts.User))
            {
                return string.Create(
                    CultureInfo.InvariantCulture, $"{above}, which it is in, belongs to user {facts.User}");
            }

            if (facts.IsLink)
            {
                string? target = new DirectoryInfo(above).ResolveLinkTarget(returnFinalTarget: false)?.FullName;
                return target is null || links == 0
                    ? $"{above}, which it is in, leads nowhere"
                    : Above(Path.Combine(target, "x"), links - 1) ?? Above(above, links - 1);
            }

            // In a folder like /tmp only the owner of a file may move it.
            if ((facts.GroupWrites || facts.OthersWrite) && !facts.IsSticky)
            {
                return $"{above}, which it is in, may be written by others";
            }
        }

        return null;
    }

    private static bool Trusted(uint user) => user == 0 || user == FolderOwner.Me;

    private static FileFacts Look(string path) =>
        FileFacts.Of(path) ?? throw new IOException($"{path} cannot be looked at.");
}
