using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Rules;
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

    [Fact, NeedsNamespace("setsid", "flock")]
    public Task Standard_to_reverse_and_back_leaves_exactly_what_is_needed() => ThereAndBack(Standard, Reverse);

    [Fact, NeedsNamespace("setsid", "flock")]
    public Task Reverse_to_standard_and_back_leaves_exactly_what_is_needed() => ThereAndBack(Reverse, Standard);

    [Fact, NeedsNamespace("setsid", "flock", "setpriv")]
    public Task Nodes_of_another_user_and_appliers_with_their_units_rights_go_there_and_back_from_standard() =>
        ThereAndBack(Standard, Reverse, asUnits: true);

    [Fact, NeedsNamespace("setsid", "flock", "setpriv")]
    public Task Nodes_of_another_user_and_appliers_with_their_units_rights_go_there_and_back_from_reverse() =>
        ThereAndBack(Reverse, Standard, asUnits: true);

    [Fact, NeedsNamespace("setsid", "flock")]
    public async Task With_the_consoles_applier_only_a_shut_engine_rolls_back_and_all_is_as_before()
    {
        await using ApplierLab lab = await ApplierLab.StartAsync(Reverse);
        await lab.StartApplierAsync(NodeRole.Console);
        (string console, string engine) = (lab.Ruleset(NodeRole.Console), lab.Ruleset(NodeRole.Engine));

        // Waited out, and long enough for a busy machine to come as far as the engine.
        ScanEngineException failed = await Assert.ThrowsAsync<ScanEngineException>(
            () => lab.ChangeAsync(Standard, TimeSpan.FromSeconds(60)));

        Assert.Equal(FaultCode.ChangeFailed, failed.Code);
        Assert.True(
            failed.Message.Contains("as the direction in force needs it", StringComparison.Ordinal), failed.Message);
        Assert.Contains("No firewall applier runs", lab.LastChange.EngineFirewall?.Detail, StringComparison.Ordinal);
        await lab.ExactAsync(Reverse);
        Assert.Equal(console, lab.Ruleset(NodeRole.Console));
        Assert.Equal(engine, lab.Ruleset(NodeRole.Engine));
    }

    [Fact, NeedsNamespace("setsid", "flock")]
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

    [Fact, NeedsNamespace("setsid", "flock")]
    public Task Standard_without_the_consoles_applier_is_refused_before_anything() => Refused(Standard, Reverse);

    [Fact, NeedsNamespace("setsid", "flock")]
    public Task Reverse_without_the_consoles_applier_is_refused_before_anything() => Refused(Reverse, Standard);

    private static async Task ThereAndBack(
        CommunicationDirection first, CommunicationDirection second, bool asUnits = false)
    {
        await using ApplierLab lab = await ApplierLab.StartAsync(first, asUnits);
        await lab.StartApplierAsync(NodeRole.Console);
        await lab.StartApplierAsync(NodeRole.Engine);
        (string console, string engine) = (lab.Ruleset(NodeRole.Console), lab.Ruleset(NodeRole.Engine));

        FirewallPlan plan = await lab.ChangeAsync(second);

        await lab.ExactAsync(second);
        if (asUnits)
        {
            // The node may not look at its filter itself.
            NodeRole dialled = second == Standard ? NodeRole.Engine : NodeRole.Console;
            (FirewallTestOutcome Result, string Evidence, string Recommendation)? seen = await lab.LookAsync(dialled);
            Assert.True(seen?.Result == FirewallTestOutcome.Passed, $"{seen}");
        }

        Assert.All(plan.Rules.Where(rule => rule.Change == RuleChange.Add), rule => Assert.True(
            rule.Outcome == FirewallApplyOutcome.Applied, $"{rule}"));
        Assert.All(plan.Rules.Where(rule => rule is { Change: RuleChange.Remove, HostRole: NodeRole.Console }), rule =>
            Assert.True(rule.Outcome == FirewallApplyOutcome.Applied, $"{rule}"));
        Assert.NotEqual((console, engine), (lab.Ruleset(NodeRole.Console), lab.Ruleset(NodeRole.Engine)));
        Assert.Contains(lab.Console.Store.ListEvents(50), entry => entry.Event == "FirewallOpened");
        // It notes what it did after it did it.
        await Until.TrueAsync(
            () => lab.Engine.Store.ListEvents(50).Any(entry => entry.Event == "FirewallClosed"),
            "The engine's applier has not noted that it closed.");

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
}
