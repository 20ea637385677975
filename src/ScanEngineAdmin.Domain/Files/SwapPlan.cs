using System.Text;
using System.Text.RegularExpressions;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Domain.Files;

/// <summary>
/// What an import has decided: the names of the files to keep beside and to put in place. It lies in a folder where
/// somebody else may have written it, and whoever opens the folder next acts on it, so every name in it is a bare name
/// of the form that this product itself writes there, or none of it is done.
/// </summary>
/// <param name="From">The folder inside the console's that holds the new files.</param>
/// <param name="Keep">The folder inside the console's for the old files; empty where there are none.</param>
/// <param name="Old">The files to keep.</param>
/// <param name="New">The files to put in place.</param>
internal sealed partial record SwapPlan(
    string From, string Keep, IReadOnlyList<string> Old, IReadOnlyList<string> New)
{
    private const int Longest = 64 * 1024;
    private const int LongestName = 255;

    /// <summary>Whether a name stays in the folder it is joined to, on any system, and is one line.</summary>
    public static bool IsBare(string name) => name.Length is > 0 and <= LongestName
        && name is not ("." or "..")
        && !name.Any(static letter => letter is '/' or '\\' or ':' || char.IsControl(letter));

    /// <summary>Whether a new file may have that name: the store or a part of the identity.</summary>
    public static bool IsExpected(string name) => IsBare(name)
        && (NodeFileNames.IsIdentity(name) || name.StartsWith(NodeFileNames.Store, StringComparison.Ordinal));

    public byte[] Write() => Encoding.UTF8.GetBytes(string.Join(
        '\n', (string[])[From, Keep, .. Old.Select(name => $"-{name}"), .. New.Select(name => $"+{name}")]));

    /// <exception cref="ScanEngineException">DataFolderInvalid: this product wrote no such plan.</exception>
    public static SwapPlan Read(string path)
    {
        if (FileFacts.Of(path) is not { IsRegular: true })
        {
            throw Refused(path, "it is no regular file");
        }

        string[] lines = Text(path).Split('\n');
        string[] names = lines.Length < 2 ? [] : lines[2..];
        if (lines.Length < 2 || !FromName().IsMatch(lines[0])
            || (lines[1].Length > 0 && !KeepName().IsMatch(lines[1])))
        {
            throw Refused(path, "it names other folders than an import makes");
        }

        string[] old = [.. names.Where(static line => line.StartsWith('-')).Select(static line => line[1..])];
        string[] placed = [.. names.Where(static line => line.StartsWith('+')).Select(static line => line[1..])];
        if (old.Length + placed.Length != names.Length || (old.Length > 0 && lines[1].Length == 0)
            || !old.All(static name => IsBare(name) && !FolderSwap.IsOfTheFolder(name))
            || !placed.All(IsExpected))
        {
            throw Refused(path, "it names other files than an import has");
        }

        return new SwapPlan(lines[0], lines[1], old, placed);
    }

    /// <summary>The folder or file of the plan, which must be what it is expected to be, and no link.</summary>
    /// <exception cref="ScanEngineException">DataFolderInvalid.</exception>
    public static bool IsThere(string path, bool asFolder)
    {
        if (FileFacts.Of(path) is not { } facts)
        {
            return false;
        }

        return (asFolder ? facts.IsFolder : facts.IsRegular) ? true : throw Refused(path, $"it is {facts.KindName}");
    }

    private static string Text(string path)
    {
        try
        {
            return Encoding.UTF8.GetString(OwnFile.ReadBytes(path, Longest));
        }
        catch (IOException e)
        {
            throw Refused(path, e.Message);
        }
    }

    private static ScanEngineException Refused(string path, string why) => new(
        FaultCode.DataFolderInvalid,
        $"'{path}' is nothing that an import of this product left: {why}. It was not acted on, nothing was changed.",
        $"Somebody else put it there: find out who may write '{Path.GetDirectoryName(path)}'. Then take the file away, "
            + "and import again if an import was interrupted.",
        path);

    [GeneratedRegex(@"\Atransfer-[0-9a-f]{32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex FromName();

    [GeneratedRegex(@"\Abefore-import-[0-9]{8}-[0-9]{6}-[0-9]{3}\z", RegexOptions.CultureInvariant)]
    private static partial Regex KeepName();
}
