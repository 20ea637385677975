using System.Text.RegularExpressions;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>
/// What the kernel's rules look at, chain by chain: nft leaves out of its listing what it takes for implied by the rest of
/// a rule (<c>ct l3proto ipv4 tcp dport 22</c> is listed as <c>tcp dport 22</c>), iptables what it has no words for
/// (<c>tcp dport { 22, 23 }</c> is saved as <c>-p tcp</c>), and a copy made of that is another filter.
/// </summary>
internal static partial class RuleSelectors
{
    public static readonly ToolCall Call = new("nft", ["-t", "--debug=netlink", "list", "ruleset"]);

    /// <summary>How often each chain asks for what; nothing where this nft does not say.</summary>
    /// <param name="said">What nft says.</param>
    /// <param name="native">The native tables that are of interest, as nft lists them.</param>
    /// <param name="saved">What iptables saves.</param>
    public static IReadOnlyDictionary<string, int> Read(
        ToolResult said, string native, IEnumerable<SavedTables> saved)
    {
        HashSet<string> tables = [.. native.Split('\n').Where(
            static line => line.StartsWith("table ", StringComparison.Ordinal)).Select(
            static line => line["table ".Length..^" {".Length])];
        HashSet<string> owned = [.. saved.SelectMany(static s => s.NativeTables)];
        var found = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach ((string table, string chain, string[] code) in Rules(said))
        {
            bool isOwned = owned.Contains(table);
            foreach (string line in isOwned || tables.Contains(table) ? code : [])
            {
                if ((isOwned ? Saved() : Selector()).Match(line) is { Success: true } match)
                {
                    string key = $"{chain}: {match.Groups[1].Value}";
                    found[key] = found.GetValueOrDefault(key) + 1;
                }
            }
        }

        return found;
    }

    /// <summary>
    /// The tables with names of iptables' own that nft has written rules into, and iptables none that only it can read:
    /// each rule of iptables counts, and none looks into a set.
    /// </summary>
    public static IReadOnlySet<string> OfNft(ToolResult said) => Rules(said).GroupBy(static rule => rule.Table)
        .Where(static table => !table.Any(static rule => rule.Code.Any(Extension().IsMatch))
            && table.Any(static rule => !rule.Code.Any(static line => line.StartsWith("  [ counter ", StringComparison.Ordinal))
                || rule.Code.Any(static line => line.StartsWith("  [ lookup ", StringComparison.Ordinal))))
        .Select(static table => table.Key).ToHashSet(StringComparer.Ordinal);

    private static IEnumerable<(string Table, string Chain, string[] Code)> Rules(ToolResult said)
    {
        string[] lines = said.Succeeded ? said.Output.Split('\n') : [];
        for (int at = 0; at < lines.Length; at++)
        {
            if (Rule().Match(lines[at]) is { Success: true } rule)
            {
                string[] code = [.. lines.Skip(at + 1).TakeWhile(
                    static line => line.StartsWith("  [ ", StringComparison.Ordinal))];
                yield return (
                    rule.Groups[2].Value, Numbered().Replace(rule.Groups[1].Value, "__chain"), code);
                at += code.Length;
            }
        }
    }

    /// <summary>What the copy asks for less often than the host; null if nothing.</summary>
    public static string? Lost(
        IReadOnlyDictionary<string, int> host, IReadOnlyDictionary<string, int> copy) =>
        host.Where(one => one.Value > copy.GetValueOrDefault(one.Key))
            .Select(static one => one.Key).FirstOrDefault();

    [GeneratedRegex(@"^((\w+ \S+) [^@\s]\S*) \d+(?: \d+)?$")]
    private static partial Regex Rule();

    // The protocols that nft asks for by itself, so that a field may be looked at, are not always those that a rule named.
    [GeneratedRegex(@"^  \[ ((?:ct|meta|rt|socket|osf|xfrm) load (?!l4proto|nfproto|protocol )[\w ]+?|fib [\w .]+?) =>")]
    private static partial Regex Selector();

    // What iptables makes of its own rules, and nft of what may be lost, are told apart by what is asked.
    [GeneratedRegex(@"^  \[ (\w+ load (?!l4proto|nfproto|protocol )[\w @+]+?|fib [\w .]+?|lookup|range \w+|cmp [gl]te?)(?: =>| reg )")]
    private static partial Regex Saved();

    [GeneratedRegex(@"^  \[ (?:match|target) name ")]
    private static partial Regex Extension();

    [GeneratedRegex(@"__chain\d+")]
    private static partial Regex Numbered();
}
