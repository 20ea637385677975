using System.Globalization;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Trials;

namespace ScanEngineAdmin.Firewall.Applying;

/// <content>What is said of each rule.</content>
internal sealed partial class ApplyRun
{
    private FirewallApplyResult[] Hopeless(FirewallRule[] toOpen) => [
        .. _adds.Select(rule => finding!.Hopeless.TryGetValue(rule.RuleId, out string? why)
            ? Result(rule, FirewallApplyOutcome.Failed, $"Not written: it would not open the way, or not go away again. {why}")
            : toOpen.Any(o => o.RuleId == rule.RuleId)
            ? Result(rule, FirewallApplyOutcome.Deferred, "Not written, because another rule of this plan was not.")
            : Result(rule, FirewallApplyOutcome.AlreadyPresent, "It was there before, or is not needed.")),
        .. _removes.Select(r => Result(r, FirewallApplyOutcome.Deferred, "What had to open first was not written."))];

    private FirewallApplyResult Opened(
        FirewallRule rule, FirewallRule[] toOpen, IReadOnlyList<InstalledFirewallRule> now,
        Dictionary<string, FirewallPending> waiting, DateTimeOffset? at)
    {
        if (waiting.TryGetValue(rule.RuleId, out FirewallPending? pending))
        {
            bool open = IsOpen(rule, now, trial: true);
            return Result(
                rule, open ? FirewallApplyOutcome.AlreadyPresent : FirewallApplyOutcome.Deferred,
                $"Application {pending.Id} has it and is undone at {Time(pending.RollbackAt)} unless confirmed: "
                + $"Confirm-EngineFirewallPlan -Id {pending.Id}") with
            { WaitsFor = pending.Id };
        }

        RuleMatch match = Match(rule, at is null ? now : [.. now.Select(static n => n with { Persistent = null })]);
        string found = string.Join(
            "; ", match.Right.Select(static r => r.Text).Append(FoundBeside(rule)).Where(static t => t.Length > 0));
        string whom = match.Stale.Select(NeededBy).FirstOrDefault(static other => other is not null) is { } folder
            ? $", needed by the data folder {folder} of this host" : string.Empty;
        string old = match.Stale.Count == 0 || Provider == FirewallProvider.NetSecurity ? string.Empty
            : $" For other addresses it stays as well{whom}: "
                + $"{string.Join("; ", match.Stale.Select(static r => r.Text))}.";
        if (!toOpen.Any(o => o.RuleId == rule.RuleId))
        {
            if (match.Right.Count == 0 && finding?.Open.TryGetValue(rule.RuleId, out string? why) == true)
            {
                return Result(
                    rule, FirewallApplyOutcome.AlreadyPresent, $"No rule is needed, the way is open: {why}{old}");
            }

            string whose = match.Right.All(static r => r.Foreign) ? "Not added by this product: " : "Found: ";
            return Result(rule, FirewallApplyOutcome.AlreadyPresent, whose + found + "." + old);
        }

        string until = at is { } time ? $" Undone at {Time(time)} unless confirmed." : string.Empty;
        string lasts = Provider is FirewallProvider.Nftables or FirewallProvider.Iptables
            ? " In force until the next restart of this host: to keep it, save the rule set as this host does it"
            + (Provider == FirewallProvider.Nftables ? " (/etc/nftables.conf)." : " (netfilter-persistent save).")
            : at is null ? " Kept over restarts." : string.Empty;
        string? unproved = _proof.GetValueOrDefault(rule.RuleId) is { Verdict: RehearsalVerdict.Unknown } unknown
            ? $"Whether it opens the way is not known: {unknown.Reason}" : null;
        string proved = unproved ?? "Tried on a copy of this host's rules: the way is open.";
        return Result(
            rule, FirewallApplyOutcome.Applied, $"Written and found: {found}. {proved}{until}{lasts}{old}") with
        { Unproved = unproved };
    }

    private FirewallApplyResult Closed(
        FirewallRule rule, InstalledFirewallRule[] toClose, IReadOnlyList<InstalledFirewallRule> now,
        Dictionary<string, FirewallPending> waiting, string? whyNotClose)
    {
        ILookup<string?, InstalledFirewallRule> found = RuleMatch.ToRemove(rule, now, Provider, _keeps)
            .ToLookup(NeededBy);
        InstalledFirewallRule[] there = [.. found[null]];
        if (waiting.TryGetValue(rule.RuleId, out FirewallPending? pending))
        {
            return Result(rule, FirewallApplyOutcome.Deferred, $"Application {pending.Id} waits to be confirmed.");
        }

        if (there.Length > 0)
        {
            string texts = string.Join("; ", there.Select(static r => r.Text));
            return whyNotClose is not null
                ? Result(rule, FirewallApplyOutcome.Deferred, $"{whyNotClose} Still there: {texts}.")
                : Result(rule, FirewallApplyOutcome.Failed, $"Still there: {texts}. {_said}".Trim());
        }

        bool was = toClose.Any(c => c.RuleId == rule.RuleId) || (RuleMatch.ByEffect(Provider)
            && RuleMatch.ToRemove(rule, toClose, Provider, _keeps).Count > 0);
        return was
            ? Result(rule, FirewallApplyOutcome.Applied, "Taken away, and not found any more.")
            : found.FirstOrDefault() is { Key: { } other } kept ? Result(
                rule, FirewallApplyOutcome.AlreadyAbsent,
                $"Not taken away: the data folder {other} of this host needs it as well: {kept.First().Text}.")
            : Result(rule, FirewallApplyOutcome.AlreadyAbsent, "No rule of this product to take away.");
    }

    private FirewallApplyResult[] Refused(FirewallRule[] toOpen, IReadOnlyList<InstalledFirewallRule> before) => [
        .. _adds.Select(rule => toOpen.FirstOrDefault(o => o.RuleId == rule.RuleId) is not { } open
            ? Result(rule, FirewallApplyOutcome.AlreadyPresent, "It was there before.")
            : RuleMatch.OfOthers(open, before, Provider, finding?.Owner.Places) is not { } other
            ? Result(rule, FirewallApplyOutcome.Deferred, "Not written, because another rule of this plan was not.")
            : Result(rule, FirewallApplyOutcome.Failed,
                "Not written: a rule that this product did not add is about the same, and would be lost with ours: "
                + $"{other.Text}. " + (Provider == FirewallProvider.Ufw
                    ? "Delete it first (ufw status numbered; ufw delete <number>)."
                    : "Let it be in force and kept, and in each policy that denies (firewall-cmd "
                    + "--runtime-to-permanent), or remove it first."))),
        .. _removes.Select(r => Result(r, FirewallApplyOutcome.Deferred, "What had to open first was not written."))];

    private FirewallApplyResult Unsuccessful(FirewallRule rule, FirewallRule[] toOpen, FirewallRule[] failed) =>
        failed.Any(f => f.RuleId == rule.RuleId)
            ? Result(rule, FirewallApplyOutcome.Failed, _proof.GetValueOrDefault(rule.RuleId) is { IsDenied: true } answer
                ? $"Written, taken back: the way stays closed. {answer.Reason}"
                : $"Written and not found. {_said}".Trim())
        : toOpen.Any(o => o.RuleId == rule.RuleId)
            ? Result(rule, FirewallApplyOutcome.RolledBack, "Taken back, because another rule of this plan failed.")
            : Result(rule, FirewallApplyOutcome.AlreadyPresent, "It was there before.");

    private FirewallApplyResult Result(FirewallRule rule, FirewallApplyOutcome outcome, string evidence) => new()
    {
        Rule = rule,
        Provider = Provider,
        Outcome = outcome,
        Evidence = evidence,
    };

    private static string Time(DateTimeOffset time) => time.ToString("u", CultureInfo.InvariantCulture);
}
