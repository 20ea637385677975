using System.Diagnostics;
using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Trials;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall.Requests;

/// <summary>What could take the way in force from a host although the request says that it was done.</summary>
public sealed class InForceTests
{
    [Theory]
    [InlineData(NodeRole.Console, ApplierFixture.Reverse, ApplierFixture.Standard)]
    [InlineData(NodeRole.Engine, ApplierFixture.Standard, ApplierFixture.Reverse)]
    public async Task A_close_while_the_node_is_stopped_does_not_take_the_usual_port_for_the_one_in_force(
        NodeRole role, CommunicationDirection from, CommunicationDirection to)
    {
        using var host = new ApplierFixture(role, 41000);
        host.Listen("0.0.0.0:41000");
        Guid pairing = host.Pair(from);
        Guid change = host.Begin(pairing, to);
        Assert.True((await host.DoAsync(pairing, change, FirewallAction.Open)).IsDone);
        host.Decide(change, commit: false);
        host.End(pairing, change, commit: false);
        string[] needed = await host.NeededAsync();

        // As a node leaves it that was stopped in good order.
        host.Store.UpdateNode(static node => node with { EndPoint = null });
        ScanEngineException fault = await Assert.ThrowsAsync<ScanEngineException>(
            () => host.DoAsync(pairing, change, FirewallAction.Close));
        Assert.Equal(role == NodeRole.Console ? FaultCode.ConsoleNotRunning : FaultCode.EngineNotRunning, fault.Code);
        Assert.Equal(needed, host.Filter());

        host.Listen("0.0.0.0:41000");
        Assert.True((await host.DoAsync(pairing, change, FirewallAction.Close)).IsDone);
        Assert.Equal(needed, host.Filter());
        Assert.Empty(host.Waiting);
    }

    [Theory]
    [InlineData(NodeRole.Console)]
    [InlineData(NodeRole.Engine)]
    public async Task A_stopped_node_whose_pairing_needs_no_listener_is_closed_all_the_same(NodeRole role)
    {
        using var host = new ApplierFixture(role);
        bool console = role == NodeRole.Console;
        Guid pairing = host.Pair(console ? ApplierFixture.Standard : ApplierFixture.Reverse);
        Guid change = host.Begin(pairing, console ? ApplierFixture.Reverse : ApplierFixture.Standard);
        await host.DoAsync(pairing, change, FirewallAction.Open);
        host.Decide(change, commit: false);
        host.End(pairing, change, commit: false);
        host.Store.UpdateNode(static node => node with { EndPoint = null });

        Assert.True((await host.DoAsync(pairing, change, FirewallAction.Close)).IsDone);

        Assert.Empty(host.Filter());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_another_application_would_undo_is_not_called_done(bool opens)
    {
        FirewallAction action = opens ? FirewallAction.Open : FirewallAction.Close;
        using var host = new ApplierFixture(NodeRole.Console);
        Guid pairing = host.Pair(ApplierFixture.Standard);
        Guid change = host.Begin(pairing, ApplierFixture.Reverse);
        FirewallRule[] rules = [.. RequestedPlan.Needed(
            NodeRole.Console,
            await FirewallPairings.OfConsoleAsync(host.Host.Console.Store, CancellationToken.None),
            deniesOutbound: false)];
        var byHand = new FirewallPlanApplier(host.Options.Host!);
        await byHand.ApplyAsync(
            Plan(change, pairing, rules), NodeRole.Console,
            new FirewallApplyOptions
            {
                Provider = FirewallProvider.Iptables,
                RollbackAfter = TimeSpan.FromMinutes(5),
                Id = "by-hand",
            },
            CancellationToken.None);
        if (action == FirewallAction.Close)
        {
            host.Decide(change, commit: true);
            host.End(pairing, change, commit: true);
        }

        FirewallRequest answer = await host.DoAsync(pairing, change, action);

        Assert.Equal(FirewallRequestState.Deferred, answer.State);
        Assert.Contains("by-hand", answer.Detail, StringComparison.Ordinal);
        await byHand.UndoAsync("by-hand", CancellationToken.None);
        Assert.Empty(host.Filter());
        Assert.True((await host.DoAsync(pairing, change, action)).IsDone);
        Assert.Equal(await host.NeededAsync(), host.Filter());
    }

    [Theory]
    [InlineData(NodeRole.Engine, WellKnownPorts.Console, WellKnownPorts.Engine)]
    [InlineData(NodeRole.Console, WellKnownPorts.Engine, WellKnownPorts.Console)]
    public void Where_rules_are_known_by_effect_those_of_the_other_roles_node_on_this_host_stay(
        NodeRole role, int others, int own)
    {
        // Two hosts, each with a console and an engine: both roles' rules are for the same peer.
        const string Peer = "192.0.2.7";
        var pairing = Guid.NewGuid();
        NodeRole other = role == NodeRole.Engine ? NodeRole.Console : NodeRole.Engine;
        InstalledFirewallRule Ufw(NodeRole host, Guid whose, RuleFlow flow, int port) => new()
        {
            RuleId = FirewallRuleId.For(host, whose, flow, port, RuleFamily.IPv4),
            Provider = FirewallProvider.Ufw,
            Flow = flow,
            Port = port,
            RemoteAddress = [Peer],
            Family = RuleFamily.IPv4,
            Action = InstalledAction.Allow,
            Text = $"{flow} {port} {Peer}",
        };
        InstalledFirewallRule[] theirs = [
            Ufw(other, Guid.NewGuid(), RuleFlow.In, others), Ufw(other, Guid.NewGuid(), RuleFlow.Out, own)];
        InstalledFirewallRule[] installed = [
            .. theirs, Ufw(role, pairing, RuleFlow.In, own), Ufw(role, Guid.NewGuid(), RuleFlow.Out, others)];
        var request = new FirewallRequest
        {
            ChangeId = Guid.NewGuid(),
            PairingId = pairing,
            Action = FirewallAction.Close,
            Lifetime = TimeSpan.FromMinutes(3),
            Asked = DateTimeOffset.UnixEpoch,
        };
        CommunicationDirection dials = role == NodeRole.Engine ? ApplierFixture.Reverse : ApplierFixture.Standard;
        var ways = new PairingWays(
            "lab", [new FirewallNeighbour("lab", pairing, dials, others, [IPAddress.Parse(Peer)])]);

        FirewallPlan plan = RequestedPlan.Make(
            role, request, ways, [own, others], deniesOutbound: false, installed);

        InstalledFirewallRule[] gone = [.. plan.Rules.Where(static rule => rule.Change == RuleChange.Remove)
            .SelectMany(rule => RuleMatch.ToRemove(rule, installed, FirewallProvider.Ufw, []))];
        Assert.Equal(installed.Except(theirs), gone);
    }

    /// <summary>The trial of an earlier try for the same change is not one more.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_node_may_not_have_any_number_of_trials(bool own)
    {
        using var host = new ApplierFixture(NodeRole.Console);
        Guid pairing = host.Pair(ApplierFixture.Standard);
        Guid change = host.Begin(pairing, ApplierFixture.Reverse);
        for (int trial = 0; trial < 256; trial++)
        {
            Guid of = own && trial == 0 ? change : Guid.NewGuid();
            await new FirewallRollback(host.Options.Host!).ArmAsync(
                new FirewallPending
                {
                    Id = $"change-console-{of:N}-{Guid.NewGuid():N}",
                    Provider = FirewallProvider.Iptables,
                    RollbackAt = DateTimeOffset.UtcNow + TimeSpan.FromHours(1),
                    RuleIds = [],
                },
                [], TimeSpan.FromHours(1), CancellationToken.None);
        }

        if (own)
        {
            Assert.True((await host.DoAsync(pairing, change, FirewallAction.Open)).IsDone);
            Assert.NotEmpty(host.Filter());
            return;
        }

        ScanEngineException fault = await Assert.ThrowsAsync<ScanEngineException>(
            () => host.DoAsync(pairing, change, FirewallAction.Open));

        Assert.Equal(FaultCode.FirewallBusy, fault.Code);
        Assert.Empty(host.Filter());
        host.Decide(change, commit: true);
        Assert.True((await host.DoAsync(pairing, change, FirewallAction.Open)).IsDone);
    }

    [Fact, NeedsLinux]
    public async Task Nobody_waits_any_more_to_undo_what_is_settled()
    {
        string none = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.undo");
        using Process waiting = Process.Start("/bin/sh", ["-c", UndoScript.Text, "scanengine-undo", "3600", none, "-"]);

        await waiting.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));

        Assert.Equal(0, waiting.ExitCode);
    }

    private static FirewallPlan Plan(Guid change, Guid pairing, FirewallRule[] rules) => new()
    {
        ChangeId = change,
        PairingId = pairing,
        EngineName = "lab",
        From = ApplierFixture.Standard,
        To = ApplierFixture.Reverse,
        Epoch = 7,
        DryRun = false,
        State = ChangeState.Requested,
        Rules = rules,
    };
}
