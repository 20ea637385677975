using System.Text.RegularExpressions;
using Newtonsoft.Json.Linq;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>
/// Rules behind which their chain denies whatever comes: a packet that such a rule refuses at some rate, or sends back
/// from the chain, is denied as well when the rule does not apply.
/// </summary>
internal static partial class RestOfChain
{
    /// <param name="rules">As nft lists them, in the order of their chains.</param>
    /// <param name="chains">Their chains.</param>
    public static HashSet<JObject> Denying(IReadOnlyList<JObject> rules, IEnumerable<JObject> chains)
    {
        HashSet<string> denying = [.. chains.Where(static c => c.Value<string>("policy") == "drop")
            .Select(static c => Key(c, "name"))];
        var found = new HashSet<JObject>(ReferenceEqualityComparer.Instance);
        foreach (JObject rule in rules.Reverse())
        {
            string[] parts = [.. (rule["expr"] as JArray ?? [])
                .Select(static p => (p as JObject)?.Properties().First().Name ?? string.Empty)
                .Where(static p => p is not ("counter" or "log"))];
            Step(
                denying, Key(rule, "chain"), rule, found, parts.All(static p => p is "match" or "limit" or "quota"),
                parts is ["drop" or "reject"]);
        }

        return found;
    }

    /// <param name="lines">What iptables saves.</param>
    /// <returns>The places of the lines.</returns>
    public static HashSet<int> Denying(IReadOnlyList<string> lines)
    {
        var denying = new HashSet<string>(StringComparer.Ordinal);
        var tables = new string[lines.Count];
        for (int i = 0; i < lines.Count; i++)
        {
            tables[i] = lines[i].StartsWith('*') ? lines[i] : i > 0 ? tables[i - 1] : string.Empty;
            if (Policy().Match(lines[i]) is { Success: true } policy)
            {
                denying.Add($"{tables[i]} {policy.Groups[1].Value}");
            }
        }

        var found = new HashSet<int>();
        for (int i = lines.Count - 1; i >= 0; i--)
        {
            if (lines[i].StartsWith("-A ", StringComparison.Ordinal))
            {
                Step(
                    denying, $"{tables[i]} {lines[i].Split(' ')[1]}", i, found,
                    SavedRule.Target(lines[i]) is "LOG" or "NFLOG", Always().IsMatch(lines[i]));
            }
        }

        return found;
    }

    private static void Step<T>(
        HashSet<string> denying, string chain, T rule, HashSet<T> found, bool decidesNothing, bool deniesAll)
    {
        if (denying.Contains(chain))
        {
            found.Add(rule);
        }

        if (deniesAll)
        {
            denying.Add(chain);
        }
        else if (!decidesNothing)
        {
            denying.Remove(chain);
        }
    }

    private static string Key(JObject item, string chain) =>
        $"{item.Value<string>("family")} {item.Value<string>("table")} {item.Value<string>(chain)}";

    [GeneratedRegex(@"^:(\S+) DROP\b")]
    private static partial Regex Policy();

    [GeneratedRegex("^-A \\S+(?: -m comment --comment (?:\"(?:[^\"\\\\]|\\\\.)*\"|\\S+))* -j (?:DROP|REJECT(?: --reject-with \\S+)?)$")]
    private static partial Regex Always();
}
