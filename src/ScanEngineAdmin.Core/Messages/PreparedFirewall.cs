using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Messages;

/// <summary>What became of the engine's host's firewall; words it does not know are left out.</summary>
internal sealed record PreparedFirewall
{
    private const int MaxRules = 32;
    private const int MaxText = 500;

    /// <summary>Done, Deferred or Failed; absent when no applier runs there, or none answered in time.</summary>
    public string? State { get; init; }

    public string? Detail { get; init; }

    public IReadOnlyList<PreparedRule>? Rules { get; init; }

    public static PreparedFirewall Of(FirewallRequest answer) => new()
    {
        State = answer.State.ToString(),
        Detail = Short(answer.Detail),
        Rules = [.. answer.Rules.Take(MaxRules).Select(static rule => new PreparedRule
        {
            RuleId = rule.RuleId,
            Change = rule.Change.ToString(),
            Outcome = rule.Outcome.ToString(),
        })],
    };

    /// <summary>As far as it can be understood; nothing of it is ever acted upon.</summary>
    public FirewallReport ToReport() => new()
    {
        State = Enum.TryParse(State, out FirewallRequestState state) && Enum.IsDefined(state) ? state : null,
        Detail = Short(Detail ?? string.Empty),
        Rules = [.. (Rules ?? []).Take(MaxRules).Where(static rule =>
            FirewallRuleId.IsValid(rule.RuleId)
            && Enum.TryParse(rule.Change, out RuleChange change) && Enum.IsDefined(change)
            && Enum.TryParse(rule.Outcome, out FirewallApplyOutcome outcome) && Enum.IsDefined(outcome))
            .Select(static rule => new FirewallRequestRule
            {
                RuleId = rule.RuleId!,
                Change = Enum.Parse<RuleChange>(rule.Change!),
                Outcome = Enum.Parse<FirewallApplyOutcome>(rule.Outcome!),
            })],
    };

    private static string Short(string text) => text.Length <= MaxText ? text : text[..MaxText] + "...";
}
