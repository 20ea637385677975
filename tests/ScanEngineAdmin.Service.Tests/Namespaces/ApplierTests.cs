using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core;
using ScanEngineAdmin.Core.Direction;
using ScanEngineAdmin.Core.Firewall;
using ScanEngineAdmin.Core.Firewall.Applying;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Service.Tests.Namespaces;

/// <summary>
/// Changes of direction that both firewalls follow, through filters that drop by default: the filters themselves say
/// whether they were opened in time and closed again.
/// </summary>
public sealed class ApplierTests
{
    private const CommunicationDirection Standard = CommunicationDirection.ConsoleToEngine;
    private const CommunicationDirection Reverse = CommunicationDirection.EngineToConsole;

    [NamespaceFact("setsid", "flock")]
    public Task Standard_to_reverse_and_back_leaves_exactly_what_is_needed() => ThereAndBack(Standard, Reverse);

    [NamespaceFact("setsid", "flock")]
    public Task Reverse_to_standard_and_back_leaves_exactly_what_is_needed() => ThereAndBack(Reverse, Standard);

    [NamespaceFact("setsid", "flock", "setpriv")]
    public Task Nodes_of_another_user_and_appliers_with_their_units_rights_go_there_and_back_from_standard() =>
        ThereAndBack(Standard, Reverse, asUnits: true);

    [NamespaceFact("setsid", "flock", "setpriv")]
    public Task Nodes_of_another_user_and_appliers_with_their_units_rights_go_there_and_back_from_reverse() =>
        ThereAndBack(Reverse, Standard, asUnits: true);

    [NamespaceFact("setsid", "flock")]
    public async Task With_the_consoles_applier_only_a_shut_engine_rolls_back_and_all_is_as_before()
    {
        await using ApplierLab lab = await ApplierLab.StartAsync(Reverse);
        await lab.StartApplierAsync(NodeRole.Console);
        (string console, string engine) = (lab.Ruleset(NodeRole.Console), lab.Ruleset(NodeRole.Engine));

        ScanEngineException failed = await Assert.ThrowsAsync<ScanEngineException>(
            () => lab.ChangeAsync(Standard, TimeSpan.FromSeconds(30)));

        Assert.Equal(FaultCode.ChangeFailed, failed.Code);
        Assert.True(
            failed.Message.Contains("as the direction in force needs it", StringComparison.Ordinal), failed.Message);
        Assert.Contains("No firewall applier runs", lab.LastChange.EngineFirewall?.Detail, StringComparison.Ordinal);
        await lab.ExactAsync(Reverse);
        Assert.Equal(console, lab.Ruleset(NodeRole.Console));
        Assert.Equal(engine, lab.Ruleset(NodeRole.Engine));
    }

    [NamespaceFact("setsid", "flock")]
    public async Task With_the_consoles_applier_only_a_change_to_reverse_goes_through_and_says_what_is_left()
    {
        await using ApplierLab lab = await ApplierLab.StartAsync(Standard);
        await lab.StartApplierAsync(NodeRole.Console);
        string engine = lab.Ruleset(NodeRole.Engine);

        FirewallPlan plan = await lab.ChangeAsync(Reverse);

        await lab.ExactAsync(Reverse, NodeRole.Console);
        FirewallRule left = Assert.Single(plan.Rules, rule => rule.HostRole == NodeRole.Engine);
        Assert.Equal((RuleChange.Remove, null), (left.Change, left.Outcome));
        Assert.Contains("its admin's to apply", left.OutcomeReason, StringComparison.Ordinal);
        Assert.Equal(engine, lab.Ruleset(NodeRole.Engine));
    }

    [NamespaceFact("setsid", "flock")]
    public Task Standard_without_the_consoles_applier_is_refused_before_anything() => Refused(Standard, Reverse);

    [NamespaceFact("setsid", "flock")]
    public Task Reverse_without_the_consoles_applier_is_refused_before_anything() => Refused(Reverse, Standard);

    [NamespaceFact("setsid", "flock")]
    public async Task A_killed_consoles_applier_closes_at_its_next_start_what_was_rolled_back()
    {
        await using ApplierLab lab = await ApplierLab.StartAsync(Standard);
        await lab.StartApplierAsync(NodeRole.Console);
        string console = lab.Ruleset(NodeRole.Console);
        Shut(lab, NodeRole.Console, 40815);
        Task<FirewallPlan> change = lab.ChangeAsync(Reverse, TimeSpan.FromSeconds(10));
        await ProvingAsync(lab);
        Assert.Contains(" 40815", lab.Ours(NodeRole.Console), StringComparison.Ordinal);

        await lab.KillApplierAsync(NodeRole.Console);
        ScanEngineException failed = await Assert.ThrowsAsync<ScanEngineException>(() => change);
        Assert.Contains("has not closed again", failed.Message, StringComparison.Ordinal);
        Assert.Contains(" 40815", lab.Ours(NodeRole.Console), StringComparison.Ordinal);
        await lab.StartApplierAsync(NodeRole.Console);

        await lab.ExactAsync(Standard);
        Reopen(lab, NodeRole.Console);
        Assert.Equal(console, lab.Ruleset(NodeRole.Console));
    }

    [NamespaceFact("setsid", "flock")]
    public async Task A_killed_engines_applier_closes_at_its_next_start_what_was_committed()
    {
        await using ApplierLab lab = await ApplierLab.StartAsync(Reverse);
        await lab.StartApplierAsync(NodeRole.Console);
        await lab.StartApplierAsync(NodeRole.Engine);
        Shut(lab, NodeRole.Engine, 40814);
        Task<FirewallPlan> change = lab.ChangeAsync(Standard);
        await ProvingAsync(lab);
        Assert.NotEmpty(lab.Waiting(NodeRole.Engine));

        await lab.KillApplierAsync(NodeRole.Engine);
        Reopen(lab, NodeRole.Engine);
        await change;
        Assert.NotEmpty(lab.Waiting(NodeRole.Engine));
        await lab.StartApplierAsync(NodeRole.Engine);

        await lab.ExactAsync(Standard);
    }

    [NamespaceFact("setsid", "flock")]
    public Task A_console_killed_on_the_way_to_reverse_has_both_firewalls_put_back() =>
        Killed(NodeRole.Console, Standard, Reverse);

    [NamespaceFact("setsid", "flock")]
    public Task A_console_killed_on_the_way_to_standard_has_both_firewalls_put_back() =>
        Killed(NodeRole.Console, Reverse, Standard);

    [NamespaceFact("setsid", "flock")]
    public Task An_engine_killed_on_the_way_to_reverse_has_both_firewalls_put_back() =>
        Killed(NodeRole.Engine, Standard, Reverse);

    [NamespaceFact("setsid", "flock")]
    public Task An_engine_killed_on_the_way_to_standard_has_both_firewalls_put_back() =>
        Killed(NodeRole.Engine, Reverse, Standard);

    private static async Task ThereAndBack(
        CommunicationDirection first, CommunicationDirection second, bool asUnits = false)
    {
        await using ApplierLab lab = await ApplierLab.StartAsync(first, asUnits);
        await lab.StartApplierAsync(NodeRole.Console);
        await lab.StartApplierAsync(NodeRole.Engine);
        (string console, string engine) = (lab.Ruleset(NodeRole.Console), lab.Ruleset(NodeRole.Engine));

        FirewallPlan plan = await lab.ChangeAsync(second);

        await lab.ExactAsync(second);
        Assert.All(plan.Rules.Where(rule => rule.Change == RuleChange.Add), rule => Assert.True(
            rule.Outcome == FirewallApplyOutcome.Applied, $"{rule}"));
        Assert.All(plan.Rules.Where(rule => rule is { Change: RuleChange.Remove, HostRole: NodeRole.Console }), rule =>
            Assert.True(rule.Outcome == FirewallApplyOutcome.Applied, $"{rule}"));
        Assert.NotEqual((console, engine), (lab.Ruleset(NodeRole.Console), lab.Ruleset(NodeRole.Engine)));
        Assert.Contains(lab.Console.Store.ListEvents(50), entry => entry.Event == "FirewallOpened");
        Assert.Contains(lab.Engine.Store.ListEvents(50), entry => entry.Event == "FirewallClosed");

        await lab.ChangeAsync(first);

        await lab.ExactAsync(first);
        Assert.Equal(console, lab.Ruleset(NodeRole.Console));
        Assert.Equal(engine, lab.Ruleset(NodeRole.Engine));
    }

    private static async Task Refused(CommunicationDirection old, CommunicationDirection wanted)
    {
        await using ApplierLab lab = await ApplierLab.StartAsync(old);
        await lab.StartApplierAsync(NodeRole.Engine);
        (string console, string engine) = (lab.Ruleset(NodeRole.Console), lab.Ruleset(NodeRole.Engine));

        ScanEngineException refused = await Assert.ThrowsAsync<ScanEngineException>(() => lab.ChangeAsync(wanted));

        Assert.Equal(FaultCode.ApplierNotRunning, refused.Code);
        Assert.Contains("firewall-applier --role console", refused.Recommendation, StringComparison.Ordinal);
        Assert.Empty(lab.Console.Store.ListChanges(lab.PairingId));
        Assert.Empty(lab.Engine.Store.ListOpenFirewall());
        Assert.Equal(console, lab.Ruleset(NodeRole.Console));
        Assert.Equal(engine, lab.Ruleset(NodeRole.Engine));
    }

    // The new way is shut by a filter that is not the product's, so that the change stays undecided.
    private static async Task Killed(
        NodeRole role, CommunicationDirection from, CommunicationDirection to)
    {
        (NodeRole dialled, int port) = to == Reverse ? (NodeRole.Console, 40815) : (NodeRole.Engine, 40814);
        await using ApplierLab lab = await ApplierLab.StartAsync(from);
        await lab.StartApplierAsync(NodeRole.Console);
        await lab.StartApplierAsync(NodeRole.Engine);
        (string console, string engine) = (lab.Ruleset(NodeRole.Console), lab.Ruleset(NodeRole.Engine));
        Shut(lab, dialled, port);
        Task<FirewallPlan> change = lab.ChangeAsync(to, TimeSpan.FromSeconds(15));
        await ProvingAsync(lab);
        Assert.Contains($" {port}", lab.Ours(dialled), StringComparison.Ordinal);

        await lab.KillNodeAsync(role);
        await lab.StartNodeAsync(role);
        await Assert.ThrowsAsync<ScanEngineException>(() => change);

        await lab.ExactAsync(from);
        Reopen(lab, dialled);
        Assert.Equal(console, lab.Ruleset(NodeRole.Console));
        Assert.Equal(engine, lab.Ruleset(NodeRole.Engine));
    }

    private static Task ProvingAsync(ApplierLab lab) => Until.TrueAsync(
        () => lab.Console.Store.ListChanges(lab.PairingId) is [{ State: ChangeState.Proving }],
        "The change is not being proved.");

    private static void Shut(ApplierLab lab, NodeRole role, int port) => lab.Shell(
        role,
        "nft 'add table inet shut; add chain inet shut first { type filter hook prerouting priority -300; }; "
            + $"add rule inet shut first tcp dport {port} drop'");

    private static void Reopen(ApplierLab lab, NodeRole role) => lab.Shell(role, "nft delete table inet shut");
}
