using System.Text.RegularExpressions;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>
/// What the kernel's rules look at, chain by chain: nft leaves out of its listing what it takes for implied by the rest of
/// a rule (<c>ct l3proto ipv4 tcp dport 22</c> is listed as <c>tcp dport 22</c>), and a copy made of that is another
/// filter.
/// </summary>
internal static partial class RuleSelectors
{
    public static readonly ToolCall Call = new("nft", ["-t", "--debug=netlink", "list", "ruleset"]);

    /// <summary>How often each chain asks for what; nothing where this nft does not say.</summary>
    /// <param name="said">What nft says.</param>
    /// <param name="native">The tables that are of interest, as nft lists them.</param>
    public static IReadOnlyDictionary<string, int> Read(ToolResult said, string native)
    {
        HashSet<string> tables = [.. native.Split('\n').Where(
            static line => line.StartsWith("table ", StringComparison.Ordinal)).Select(
            static line => line["table ".Length..^" {".Length])];
        var found = new Dictionary<string, int>(StringComparer.Ordinal);
        string chain = string.Empty;
        foreach (string line in said.Succeeded ? said.Output.Split('\n') : [])
        {
            if (line.StartsWith("  [ ", StringComparison.Ordinal))
            {
                if (chain.Length > 0 && Selector().Match(line) is { Success: true } match)
                {
                    string key = $"{chain}: {match.Groups[1].Value}";
                    found[key] = found.GetValueOrDefault(key) + 1;
                }
            }
            else
            {
                chain = Rule().Match(line) is { Success: true } rule && tables.Contains(rule.Groups[2].Value)
                    ? Numbered().Replace(rule.Groups[1].Value, "__chain") : string.Empty;
            }
        }

        return found;
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

    [GeneratedRegex(@"__chain\d+")]
    private static partial Regex Numbered();
}
