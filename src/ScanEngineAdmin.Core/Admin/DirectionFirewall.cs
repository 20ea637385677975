using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Admin;

/// <summary>What an admin is told of both hosts' firewalls, before and after a change that they follow.</summary>
internal sealed class DirectionFirewall(FirewallApplierClient client, string root)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <exception cref="ScanEngineException">ApplierNotRunning.</exception>
    public void RequireApplier(EngineRecord engine)
    {
        if (!client.IsAlive)
        {
            throw NoApplier(engine);
        }
    }

    public ScanEngineException NoApplier(EngineRecord engine) => new(
        FaultCode.ApplierNotRunning,
        $"No firewall applier runs for the console on {root}, so engine '{engine.Name}' was not changed: "
            + "-ApplyFirewall needs one on this host.",
        $"As root: scanengineadmin firewall-applier --role console --data {root} (or Start-EngineFirewallApplier -Role "
            + $"Console -DataPath {root} -Wait). Or leave -ApplyFirewall out and use Invoke-EngineFirewallPlan.",
        engine.Name);

    /// <summary>Who would do what, and whether they are there.</summary>
    public string Describe(EngineRecord engine) =>
        "Appliers: on the console's host "
            + $"{(client.IsAlive ? "one runs" : "NONE runs, so the change would be refused")}; "
        + $"on the engine's host {Engine(engine)}.";

    public FirewallPlan Preview(FirewallPlan plan, EngineRecord engine) => plan with
    {
        Rules = [.. plan.Rules.Select(rule => rule.Change == RuleChange.Keep ? rule : rule with
        {
            OutcomeReason = rule.HostRole == NodeRole.Console
                ? $"{When(rule)} this host's applier would do it ({(client.IsAlive ? "it runs" : "it does not run")})."
                : $"{When(rule)} the engine's host's applier would do it ({Engine(engine)}).",
        })],
    };

    /// <summary>The plan of a change that holds, with what came of each rule.</summary>
    public async Task<FirewallPlan> MarkAsync(
        FirewallPlan plan, ChangeRecord change, CancellationToken cancellationToken)
    {
        FirewallRequest? here = change.Acknowledged is null
            ? null
            : await CloseAsync(change, cancellationToken).ConfigureAwait(false);
        string notYet = change.Acknowledged is null
            ? "The engine has not acknowledged the outcome; until then both ways stay open."
            : "This host's applier has not answered yet; it goes on by itself.";
        return plan with
        {
            Rules = [.. plan.Rules.Select(rule => rule.HostRole == NodeRole.Console
                ? Mark(rule, here?.Rules ?? [], here is null ? notYet : Said(here))
                : MarkEngine(rule, change.EngineFirewall))],
        };
    }

    /// <summary>After a rollback: whether this host's rules are as before, in a sentence.</summary>
    public async Task<string> ClosedAsync(ChangeRecord change, CancellationToken cancellationToken)
    {
        FirewallRequest? here = await CloseAsync(change, cancellationToken).ConfigureAwait(false);
        return here switch
        {
            null when change.Fault == FaultCode.ApplierNotRunning => string.Empty,
            null => " This host's firewall applier has not closed again what was opened; it does when it runs and the "
                + "engine has heard of the outcome.",
            { IsDone: true } => " This host's firewall is as the direction in force needs it.",
            _ => $" This host's firewall could not be put back: {here.Detail} {here.Recommendation}".TrimEnd(),
        };
    }

    private async Task<FirewallRequest?> CloseAsync(ChangeRecord change, CancellationToken cancellationToken) =>
        await client.AnswerAsync(
            change.ChangeId,
            row => row is { Action: FirewallAction.Close, State: not FirewallRequestState.Asked },
            client.IsAlive ? Patience : TimeSpan.Zero,
            cancellationToken).ConfigureAwait(false);

    // At Prepare it opened; what it closed afterwards only its own host knows.
    private static FirewallRule MarkEngine(FirewallRule rule, FirewallReport? report) =>
        rule.Change == RuleChange.Remove && report?.State == FirewallRequestState.Done
            ? rule with
            {
                Outcome = FirewallApplyOutcome.Deferred,
                OutcomeReason = "The engine's applier takes it away after the outcome is written down there; "
                    + "Compare-EngineFirewall on that host shows it.",
            }
            : Mark(rule, report?.Rules ?? [], report is null ? "The engine was not asked." : report.Detail);

    private static FirewallRule Mark(FirewallRule rule, IReadOnlyList<FirewallRequestRule> done, string otherwise) =>
        rule.Change == RuleChange.Keep ? rule
        : done.FirstOrDefault(one => one.RuleId == rule.RuleId) is { } found ? rule with
        {
            Outcome = found.Outcome,
            OutcomeReason = found.Evidence.Length > 0 ? found.Evidence : "Said by the host's applier.",
        }
        : rule with { OutcomeReason = otherwise };

    private static string Said(FirewallRequest answer) => answer.IsDone
        ? $"Not among what this host's applier had to do. {answer.Detail}"
        : $"{answer.Detail} {answer.Recommendation}".TrimEnd();

    private static string When(FirewallRule rule) =>
        rule.Change == RuleChange.Add ? "Before the new way is proved" : "After the engine has acknowledged";

    private static string Engine(EngineRecord engine) => engine.ReportedApplier switch
    {
        true => "one runs, as the engine said at its last connection",
        false => "none runs, as the engine said at its last connection: its rules stay its admin's to apply",
        null => "none is known of: the engine has not said that it knows of appliers",
    };
}
