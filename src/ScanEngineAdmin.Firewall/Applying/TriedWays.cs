using ScanEngineAdmin.Firewall.Providers.Iptables;
using ScanEngineAdmin.Firewall.Providers.Nftables;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Applying;

/// <summary>What a rehearsal says of each rule of a plan, without the rule and with it.</summary>
internal sealed class TriedWays
{
    private readonly Dictionary<string, string> _open = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _closed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _unproved = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _refused = new(StringComparer.Ordinal);

    public bool IsClosed(FirewallRule rule) => _closed.ContainsKey(rule.RuleId);

    public void Before(FirewallRule rule, RehearsalAnswer answer) =>
        (answer.Verdict switch
        {
            RehearsalVerdict.Open => _open,
            RehearsalVerdict.Unknown => _unproved,
            _ => _closed,
        })[rule.RuleId] = answer.Reason;

    public void After(FirewallRule rule, RehearsalAnswer answer)
    {
        _closed.Remove(rule.RuleId);
        if (answer.Verdict != RehearsalVerdict.Open)
        {
            (answer.Verdict == RehearsalVerdict.Unknown ? _unproved : _closed)[rule.RuleId] =
                $"{answer.Reason} {ByHand(rule, answer)}".Trim();
        }
    }

    /// <summary>
    /// The command that opens the way in a chain that is another manager's; empty where there is none. The rule has this
    /// product's tag, so a Remove finds it.
    /// </summary>
    private static string ByHand(FirewallRule rule, RehearsalAnswer answer)
    {
        if (answer is not { DeniedBy: { } chain, OnlyAnswerDenied: false } || chain.Table == "firewalld"
            || answer.Rule.Contains("ufw", StringComparison.Ordinal)
            || (chain.Manager != "nft" && (chain.Table != "filter" || chain.Name != IptablesWriter.Chain(rule))))
        {
            return string.Empty;
        }

        IEnumerable<ToolCall> calls = chain.Manager == "nft"
            ? [NftablesWriter.ByHand(rule, chain.ToString())]
            : IptablesWriter.Calls("-I", rule, chain.Manager);
        return "That is another manager's: let it through there, keep that over restarts as its rules are kept, and "
            + $"apply the plan again: {string.Join("; ", calls.Select(static call => $"sudo {call}"))}";
    }

    /// <summary>The manager does not take it, or not away again.</summary>
    public void Refused(FirewallRule rule, string why) => _refused.TryAdd(rule.RuleId, why);

    public PlacementFinding Finding(FirewallOwner owner) => new(
        owner, _open,
        _closed.Concat(_refused).GroupBy(static p => p.Key).ToDictionary(
            static g => g.Key, static g => string.Join(' ', g.Select(static p => p.Value)), StringComparer.Ordinal),
        _unproved);
}
