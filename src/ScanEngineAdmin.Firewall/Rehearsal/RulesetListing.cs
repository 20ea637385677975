using System.Text.RegularExpressions;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>A listing of nft with handles: which rule a trace is about, and which chains packets meet first.</summary>
internal sealed partial class RulesetListing
{
    private readonly Dictionary<(string Table, long Handle), (string Chain, string Text)> _rules = [];
    private readonly Dictionary<string, string> _hooks = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Chain, long Handle), int> _places = [];

    /// <param name="listing">nft -a -t list ruleset.</param>
    public RulesetListing(string listing)
    {
        string table = string.Empty;
        string chain = string.Empty;
        int place = 0;
        string? jump = null;
        var held = new List<string>();
        foreach (string line in listing.Split('\n'))
        {
            Match match = Head().Match(line);
            if (match.Success && match.Groups[1].Value == "table")
            {
                table = match.Groups[2].Value;
            }
            else if (match.Success)
            {
                chain = match.Groups[2].Value;
                place = 0;
            }
            else if (Hook().Match(line) is { Success: true } hook)
            {
                _hooks[$"{table} {chain}"] = hook.Groups[1].Value;
            }
            else if (Handle().Match(line) is { Success: true } rule)
            {
                long handle = long.Parse(rule.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture);
                string text = rule.Groups[1].Value;
                if (jump is not null)
                {
                    // The kernel numbers the rules of such a chain before the rule that leads there; nft hides that.
                    for (int i = 0; i < held.Count; i++)
                    {
                        _rules[(table, handle - held.Count + i)] = (chain, held[i]);
                    }

                    text = $"{jump} {string.Join("; ", held)} {text}";
                    jump = null;
                }

                _rules[(table, handle)] = (chain, text);
                _places[($"{table} {chain}", handle)] = place++;
            }
            else if (Jump().Match(line) is { Success: true } begins)
            {
                jump = begins.Groups[1].Value;
                held.Clear();
            }
            else if (line.StartsWith("\t\t\t", StringComparison.Ordinal))
            {
                held.Add(line.Trim());
            }
        }
    }

    /// <summary>What is in a copy now.</summary>
    /// <exception cref="RehearsalException">It cannot be listed.</exception>
    public static async Task<RulesetListing> OfAsync(RehearsalSpace space, CancellationToken cancellationToken) => new(
        await space.MustAsync(new ToolCall("nft", ["-a", "-t", "list", "ruleset"]), cancellationToken)
            .ConfigureAwait(false));

    public string? Hook(string family, string table, string chain) =>
        _hooks.GetValueOrDefault($"{family} {table} {chain}");

    public string? Rule(TraceStep step) => Find(step)?.Text;

    /// <summary>The chain that an admin finds the rule in: a chain without a name is written within a rule.</summary>
    public string Chain(TraceStep step) => Find(step)?.Chain ?? step.Chain;

    /// <summary>How many rules of its chain stand before it.</summary>
    public int? Place(TraceStep step) =>
        _places.TryGetValue(($"{step.Family} {step.Table} {step.Chain}", step.Handle), out int place) ? place : null;

    /// <summary>Whether its rule stands right behind the other's.</summary>
    public bool IsNext(TraceStep step, TraceStep other) => step.Chain == other.Chain && step.Table == other.Table
        && step.Family == other.Family && Place(step) == Place(other) + 1;

    /// <summary>How many of those that stand before it are witnesses, which the host does not have.</summary>
    public int WitnessesBefore(TraceStep step)
    {
        string table = $"{step.Family} {step.Table}";
        return Place(step) is not { } place ? 0 : _rules.Count(r => r.Key.Table == table
            && r.Value.Chain == step.Chain && r.Value.Text.Contains(Witness.Prefix, StringComparison.Ordinal)
            && _places[($"{table} {step.Chain}", r.Key.Handle)] < place);
    }

    private (string Chain, string Text)? Find(TraceStep step) =>
        _rules.TryGetValue(($"{step.Family} {step.Table}", step.Handle), out (string Chain, string Text) rule)
            ? rule
            : null;

    [GeneratedRegex(@"^\s*(table|chain) (.+?) \{( # handle \d+)?$")]
    private static partial Regex Head();

    [GeneratedRegex(@"^\s*type \w+ hook (\w+) ")]
    private static partial Regex Hook();

    // A space comes first where a rule begins with a match that nft has no words for, as iptables' comments are.
    [GeneratedRegex(@"^\t\t *(\S.*) # handle (\d+)$")]
    private static partial Regex Handle();

    // A rule that leads into a chain without a name, whose rules follow.
    [GeneratedRegex(@"^\t\t *((?:\S.*)?\b(?:jump|goto) \{)$")]
    private static partial Regex Jump();
}
