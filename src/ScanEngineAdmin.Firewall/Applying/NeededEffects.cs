using System.Globalization;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Trials;

namespace ScanEngineAdmin.Firewall.Applying;

/// <summary>
/// Which data folder of this host applied what, where a manager knows rules by their effect: two folders with the same
/// peer share one rule, and what the one needs no more the other may need.
/// </summary>
/// <param name="folder">The folder that root alone may write.</param>
internal sealed class NeededEffects(string folder)
{
    private readonly string _path = Path.Combine(folder, "needed.effects");

    /// <summary>With the lock held.</summary>
    /// <param name="dataFolder">Whose rules they are.</param>
    /// <param name="adds">What it needs.</param>
    /// <param name="removes">What it needs no more.</param>
    public void Note(string dataFolder, IEnumerable<FirewallRule> adds, IEnumerable<FirewallRule> removes)
    {
        string own = KnownDataFolders.Plain(dataFolder);
        FirewallRule[] needed = [.. adds];
        HashSet<string> ids = needed.Concat(removes).Select(static r => r.RuleId).ToHashSet(StringComparer.Ordinal);
        string[] before = Lines();
        string[] after = [
            .. before.Where(line => !(FolderOf(line) == own && ids.Contains(line.Split(' ')[0]))
                && !KnownDataFolders.IsGone(FolderOf(line))),
            .. needed.SelectMany(AddedRules.Effects, (rule, effect) => $"{rule.RuleId} {effect.What} {own}")];
        if (!own.Contains('\n', StringComparison.Ordinal) && !after.SequenceEqual(before))
        {
            StateFiles.Write(_path, string.Concat(after.Distinct().Select(static line => line + "\n")));
        }
    }

    /// <summary>
    /// Forgets what is not there: a trial noted it and was undone by a process that knows of no notes. With the lock
    /// held.
    /// </summary>
    /// <param name="there">What is there for these ports.</param>
    /// <param name="ports">The ports.</param>
    /// <param name="waiting">The ids of the rules that are on trial.</param>
    public void Forget(
        IReadOnlyList<InstalledFirewallRule> there, IReadOnlyCollection<int> ports, IReadOnlyCollection<string> waiting)
    {
        HashSet<string?> found = [.. there.Select(AddedRules.What)];
        string[] before = Lines();
        string[] after = [.. before.Where(line => line.Split(' ') is var words
            && (found.Contains(string.Join(' ', words[1..5])) || waiting.Contains(words[0])
                || !ports.Any(p => words[3] == p.ToString(CultureInfo.InvariantCulture))))];
        if (after.Length < before.Length)
        {
            StateFiles.Write(_path, string.Concat(after.Select(static line => line + "\n")));
        }
    }

    /// <summary>Another data folder that needs a rule which was found; null if none does.</summary>
    public string? OfOthers(string? dataFolder, InstalledFirewallRule rule)
    {
        string? own = dataFolder is null ? null : KnownDataFolders.Plain(dataFolder);
        return AddedRules.What(rule) is not { } what ? null
            : Lines().Where(line => string.Join(' ', line.Split(' ')[1..5]) == what)
                .Select(FolderOf).FirstOrDefault(other => other != own && !KnownDataFolders.IsGone(other));
    }

    // The folder is the rest of the line: its name may have blanks.
    private static string FolderOf(string line) => line.Split(' ', 6)[5];

    private string[] Lines() => OwnFile.Exists(_path)
        ? [.. OwnFile.ReadText(_path).Split('\n').Where(static line => line.Split(' ', 6).Length == 6)]
        : [];
}
