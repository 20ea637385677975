using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Trials;

/// <summary>
/// Where rules are known by what they do, one rule serves all pairings behind one address. While it is on trial for the
/// change of one, another's change takes it over: otherwise the end of that trial would take away what was committed.
/// </summary>
/// <param name="Rules">What is taken over, a rule for each peer.</param>
/// <param name="From">The trials that would undo it: of changes, as this one is.</param>
/// <param name="Others">What an application by hand has on trial, which is its admin's to confirm: by rule id.</param>
internal sealed record SharedTrialRules(
    IReadOnlyList<FirewallRule> Rules, IReadOnlyList<FirewallPending> From,
    IReadOnlyDictionary<string, FirewallPending> Others)
{
    public static SharedTrialRules Of(
        IEnumerable<FirewallRule> rules, string id, FirewallRollback rollback,
        Func<FirewallRule, IReadOnlyList<ToolCall>> undo)
    {
        var shared = new List<FirewallRule>();
        var from = new Dictionary<string, FirewallPending>();
        var others = new Dictionary<string, FirewallPending>();
        foreach (FirewallRule rule in rules.SelectMany(Single))
        {
            FirewallPending[] undoing = [.. rollback.Undoing(undo(rule)).Where(p => p.Id != id)];
            if (undoing.FirstOrDefault(p => !OfChanges(p.Id, id)) is { } byHand)
            {
                others[rule.RuleId] = byHand;
            }
            else if (undoing.Length > 0)
            {
                shared.Add(rule);
                undoing.ToList().ForEach(p => from[p.Id] = p);
            }
        }

        shared.RemoveAll(rule => others.ContainsKey(rule.RuleId));
        return new SharedTrialRules(shared, [.. from.Values], others);
    }

    /// <summary>What of a rule is not taken over; null if all of it is.</summary>
    public FirewallRule? Rest(FirewallRule rule)
    {
        FirewallRule[] rest = [.. Single(rule).Where(one => !Has(one))];
        return rest.Length == 0 ? null
            : rule with { RemoteAddress = [.. rest.SelectMany(static r => r.RemoteAddress)] };
    }

    /// <summary>What of a rule is taken over.</summary>
    public IEnumerable<FirewallRule> Part(FirewallRule rule) => Single(rule).Where(Has);

    /// <summary>Not before that of any trial it is taken from.</summary>
    public TimeSpan AtLeast(TimeSpan after, DateTimeOffset now) =>
        From.Select(pending => pending.RollbackAt - now).Append(after).Max();

    private bool Has(FirewallRule one) => Rules.Any(
        shared => shared.RuleId == one.RuleId && shared.RemoteAddress.SequenceEqual(one.RemoteAddress));

    private static IEnumerable<FirewallRule> Single(FirewallRule rule) => rule.RemoteAddress.Count == 0
        ? [rule]
        : rule.RemoteAddress.Select(peer => rule with { RemoteAddress = [peer] });

    private static bool OfChanges(string one, string other) =>
        one.StartsWith(FirewallRollback.OfChange, StringComparison.Ordinal)
        && other.StartsWith(FirewallRollback.OfChange, StringComparison.Ordinal);
}
