using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Service.Tests.Namespaces;

/// <summary>Kill -9 of a node or of an applier while a change that both firewalls follow is undecided.</summary>
public sealed class ApplierKillTests
{
    private const CommunicationDirection Standard = CommunicationDirection.ConsoleToEngine;
    private const CommunicationDirection Reverse = CommunicationDirection.EngineToConsole;

    // The time of the change that is rolled back by it: half of it is the applier's on a slow machine.
    private static readonly TimeSpan Undecided = TimeSpan.FromSeconds(60);

    [Fact, NeedsNamespace("setsid", "flock")]
    public async Task A_killed_consoles_applier_closes_at_its_next_start_what_was_rolled_back()
    {
        await using ApplierLab lab = await ApplierLab.StartAsync(Standard);
        await lab.StartApplierAsync(NodeRole.Console);
        string console = lab.Ruleset(NodeRole.Console);
        lab.Shut(NodeRole.Console, 40815);
        Task<FirewallPlan> change = lab.ChangeAsync(Reverse, Undecided);
        await lab.ProvingAsync();
        Assert.Contains(" 40815", lab.Ours(NodeRole.Console), StringComparison.Ordinal);

        await lab.KillApplierAsync(NodeRole.Console);
        ScanEngineException failed = await Assert.ThrowsAsync<ScanEngineException>(() => change);
        Assert.Contains("has not closed again", failed.Message, StringComparison.Ordinal);
        Assert.Contains(" 40815", lab.Ours(NodeRole.Console), StringComparison.Ordinal);
        await lab.StartApplierAsync(NodeRole.Console);

        await lab.ExactAsync(Standard);
        lab.Reopen(NodeRole.Console);
        Assert.Equal(console, lab.Ruleset(NodeRole.Console));
    }

    [Fact, NeedsNamespace("setsid", "flock")]
    public async Task A_killed_engines_applier_closes_at_its_next_start_what_was_committed()
    {
        await using ApplierLab lab = await ApplierLab.StartAsync(Reverse);
        await lab.StartApplierAsync(NodeRole.Console);
        await lab.StartApplierAsync(NodeRole.Engine);
        lab.Shut(NodeRole.Engine, 40814);
        Task<FirewallPlan> change = lab.ChangeAsync(Standard);
        await lab.ProvingAsync();
        Assert.NotEmpty(lab.Waiting(NodeRole.Engine));

        await lab.KillApplierAsync(NodeRole.Engine);
        lab.Reopen(NodeRole.Engine);
        await change;
        Assert.NotEmpty(lab.Waiting(NodeRole.Engine));
        await lab.StartApplierAsync(NodeRole.Engine);

        await lab.ExactAsync(Standard);
    }

    [Fact, NeedsNamespace("setsid", "flock")]
    public Task A_console_killed_on_the_way_to_reverse_has_both_firewalls_put_back() =>
        Killed(NodeRole.Console, Standard, Reverse);

    [Fact, NeedsNamespace("setsid", "flock")]
    public Task A_console_killed_on_the_way_to_standard_has_both_firewalls_put_back() =>
        Killed(NodeRole.Console, Reverse, Standard);

    [Fact, NeedsNamespace("setsid", "flock")]
    public Task An_engine_killed_on_the_way_to_reverse_has_both_firewalls_put_back() =>
        Killed(NodeRole.Engine, Standard, Reverse);

    [Fact, NeedsNamespace("setsid", "flock")]
    public Task An_engine_killed_on_the_way_to_standard_has_both_firewalls_put_back() =>
        Killed(NodeRole.Engine, Reverse, Standard);

    // The new way is shut where no filter's rule opens it, so that the change stays undecided.
    private static async Task Killed(
        NodeRole role, CommunicationDirection from, CommunicationDirection to)
    {
        (NodeRole dialled, int port) = to == Reverse ? (NodeRole.Console, 40815) : (NodeRole.Engine, 40814);
        await using ApplierLab lab = await ApplierLab.StartAsync(from);
        await lab.StartApplierAsync(NodeRole.Console);
        await lab.StartApplierAsync(NodeRole.Engine);
        (string console, string engine) = (lab.Ruleset(NodeRole.Console), lab.Ruleset(NodeRole.Engine));
        lab.Shut(dialled, port);
        Task<FirewallPlan> change = lab.ChangeAsync(to, Undecided);
        await lab.ProvingAsync();
        Assert.Contains($" {port}", lab.Ours(dialled), StringComparison.Ordinal);

        await lab.KillNodeAsync(role);
        await lab.StartNodeAsync(role);
        await Assert.ThrowsAsync<ScanEngineException>(() => change);

        await lab.ExactAsync(from);
        lab.Reopen(dialled);
        Assert.Equal(console, lab.Ruleset(NodeRole.Console));
        Assert.Equal(engine, lab.Ruleset(NodeRole.Engine));
    }
}
