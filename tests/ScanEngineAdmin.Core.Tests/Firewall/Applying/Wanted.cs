using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Tests.Firewall.Applying;

/// <summary>The plans and rules that the tests of the applier start from.</summary>
internal static class Wanted
{
    public static readonly Guid Change = new("6f1f2c34-0000-4000-8000-0000000000aa");

    public static FirewallRule Rule(
        int port, RuleFlow flow = RuleFlow.In, RuleFamily family = RuleFamily.IPv4, params string[] peers) =>
        Sample.Rule(flow, family, port, peers) with
        {
            RuleId = FirewallRuleId.For(NodeRole.Console, Change, flow, port, family),
        };

    public static FirewallPlan Plan(RuleChange change, params FirewallRule[] rules) => new()
    {
        ChangeId = Change,
        EngineName = "lab-2",
        From = CommunicationDirection.ConsoleToEngine,
        To = CommunicationDirection.EngineToConsole,
        Epoch = 7,
        DryRun = false,
        State = ChangeState.Preparing,
        Rules = [.. rules.Select(r => r with { Change = change })],
    };

    public static FirewallApplyOptions Committed { get; } = PlanState(7, ChangeState.Committed, true);

    public static FirewallApplyOptions PlanState(long epoch, ChangeState? state, bool acknowledged) => new()
    {
        PlanState = _ => Task.FromResult<FirewallPlanState?>(new FirewallPlanState(epoch, state, acknowledged)),
    };

    public static Task<FirewallApplication> ApplyAsync(
        this FilterHost host, FirewallPlan plan, FirewallApplyOptions? options = null) =>
        new FirewallPlanApplier(host.HostTools).ApplyAsync(
            plan, NodeRole.Console, options ?? new FirewallApplyOptions(), CancellationToken.None);

    public static async Task<InstalledFirewallRule[]> OursAsync(this FilterHost host, params int[] ports) =>
        [.. (await new FirewallReader(host.HostTools).ReadAsync(host.Provider, ports, CancellationToken.None))
            .Where(static r => !r.Foreign)];
}
