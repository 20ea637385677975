using ScanEngineAdmin.Firewall.Trials;

namespace ScanEngineAdmin.Firewall.Applying;

/// <summary>
/// The data folders that rules were applied for on this host: what one folder's pairings do not need, another's may.
/// </summary>
/// <param name="folder">The folder that root alone may write.</param>
internal sealed class KnownDataFolders(string folder)
{
    private readonly string _path = Path.Combine(folder, "data.folders");

    /// <summary>With the lock held.</summary>
    public void Add(string dataFolder)
    {
        string path = Plain(dataFolder);
        string[] known = Read();
        if (!path.Contains('\n', StringComparison.Ordinal) && !known.Contains(path, StringComparer.Ordinal))
        {
            // Those that are gone, of tests or of earlier installations, are forgotten.
            StateFiles.Write(_path, string.Concat(
                known.Where(static k => !IsGone(k)).Append(path).Select(static p => p + "\n")));
        }
    }

    /// <summary>
    /// The data folders of this host that are not this one, and whether a node is seen in each: one that is not may
    /// be on a file system that is not mounted, or closed to this user.
    /// </summary>
    /// <param name="dataFolder">This data folder.</param>
    /// <param name="usual">Where data folders are that rules may never have been applied for.</param>
    public IReadOnlyList<(string Folder, bool HasNode)> Others(string dataFolder, IEnumerable<string> usual) => [
        .. Read().Where(static known => !IsGone(known)).Concat(usual.Select(Plain).Where(HasNode))
            .Distinct(StringComparer.Ordinal).Where(other => other != Plain(dataFolder))
            .Select(static other => (other, HasNode(other)))];

    /// <summary>Whether it is not there, though the folder above it is.</summary>
    internal static bool IsGone(string dataFolder)
    {
        try
        {
            _ = File.GetAttributes(dataFolder);
            return false;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Directory.Exists(Path.GetDirectoryName(dataFolder));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool HasNode(string dataFolder) =>
        Directory.Exists(Path.Combine(dataFolder, "console")) || Directory.Exists(Path.Combine(dataFolder, "engine"));

    internal static string Plain(string dataFolder) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(dataFolder));

    private string[] Read()
    {
        try
        {
            return File.Exists(_path)
                ? [.. File.ReadAllLines(_path).Where(static line => Path.IsPathFullyQualified(line))]
                : [];
        }
        catch (UnauthorizedAccessException)
        {
            // A comparison by who may not see the folder: it closes nothing.
            return [];
        }
    }
}
