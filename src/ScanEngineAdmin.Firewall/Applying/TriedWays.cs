using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;

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
            (answer.Verdict == RehearsalVerdict.Unknown ? _unproved : _closed)[rule.RuleId] = answer.Reason;
        }
    }

    /// <summary>The manager does not take it, or not away again.</summary>
    public void Refused(FirewallRule rule, string why) => _refused.TryAdd(rule.RuleId, why);

    public PlacementFinding Finding(FirewallOwner owner) => new(
        owner, _open,
        _closed.Concat(_refused).GroupBy(static p => p.Key).ToDictionary(
            static g => g.Key, static g => string.Join(' ', g.Select(static p => p.Value)), StringComparer.Ordinal),
        _unproved);
}
