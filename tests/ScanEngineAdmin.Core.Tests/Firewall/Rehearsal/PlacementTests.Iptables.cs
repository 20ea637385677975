using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Tests.Firewall.Applying;
using ScanEngineAdmin.Core.Tests.Firewall.Requests;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Faults.Rulesets;
using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall.Rehearsal;

/// <content>Rules in iptables, its two backends, and nftables beside it.</content>
public sealed partial class PlacementTests
{
    [Theory, NeedsNamespace("iptables-legacy", "iptables-nft", "nsenter", "timeout", "setsid", "flock")]
    [InlineData("nft")]
    [InlineData("legacy")]
    public async Task A_rule_of_iptables_that_has_no_effect_comes_to_the_head_in_one_step(string backend)
    {
        await LoadAsync($"for t in iptables-{backend} ip6tables-{backend}; do $t -P INPUT DROP; $t -A INPUT -m state "
            + "--state ESTABLISHED -j ACCEPT; done");
        await ApplyAsync(RuleChange.Add);
        await LoadAsync($"for t in iptables-{backend} ip6tables-{backend}; do $t -I INPUT -p tcp --dport 40814 -j "
            + "DROP; $t -I INPUT -p udp --dport 1 -j DROP; done");
        string before = await _host.DumpAsync();
        Assert.Equal<bool[]>([false, false], await _host.TryAsync([In4, In6]));

        // One family fails: the other's rule is back at its place.
        _first = static call => call.Tool.StartsWith("ip6tables", StringComparison.Ordinal)
            && call.Tool.EndsWith("-restore", StringComparison.Ordinal)
            ? new ToolResult(true, 4, "Resource temporarily unavailable.") : null;
        Assert.Contains(FirewallApplyOutcome.Failed, (await ApplyAsync(RuleChange.Add)).Results.Select(r => r.Outcome));
        Assert.Equal(before, await _host.DumpAsync());

        // On trial, and undone.
        var apart = new List<string>();
        _first = call =>
        {
            apart.AddRange(call.Arguments.Where(static a => a is "-D" or "-I"));
            return null;
        };
        FirewallApplication done = await ApplyAsync(RuleChange.Add, trial: true);
        Assert.All(done.Results, static r => Assert.Equal(FirewallApplyOutcome.Applied, r.Outcome));
        Assert.Empty(apart);
        Assert.Equal<bool[]>([true, true], await _host.TryAsync([In4, In6], patient: true));
        await new FirewallPlanApplier(Tools).UndoAsync(done.Id, CancellationToken.None);
        Assert.Equal(before, await _host.DumpAsync());

        done = await ApplyAsync(RuleChange.Add);
        Assert.All(done.Results, static r => Assert.Equal(FirewallApplyOutcome.Applied, r.Outcome));
        Assert.Equal<bool[]>([true, true], await _host.TryAsync([In4, In6], patient: true));
        Assert.Equal(2, await SavedAsync());
    }

    [Theory, NeedsNamespace("iptables-legacy", "iptables-nft", "nsenter", "timeout", "setsid", "flock")]
    [InlineData("iptables-nft -I INPUT -p tcp --dport 40814 -j DROP", true)]
    [InlineData("iptables-nft -I INPUT -p tcp --dport 40814 -j DROP", false)]
    [InlineData("for t in iptables-legacy ip6tables-legacy; do $t -P INPUT DROP; done", true)]
    [InlineData("for t in iptables-legacy ip6tables-legacy iptables-nft ip6tables-nft; do $t -P INPUT DROP; done",
        true)]
    public async Task Nftables_and_iptables_get_a_rule_together_or_not_at_all(string load, bool both)
    {
        await LoadAsync("nft 'add table inet filter; add chain inet filter input { type filter hook input priority 0; "
            + $"{(both ? "policy drop; }" : "}; add rule inet filter input ip6 nexthdr tcp drop")}'; {load}");
        string before = await _host.DumpAsync();

        // The manager that comes second fails.
        _first = static call => call.Tool.StartsWith("iptables", StringComparison.Ordinal)
            && call.Arguments.Contains("-I")
            ? new ToolResult(true, 4, "Resource temporarily unavailable.") : null;
        Assert.Contains(FirewallApplyOutcome.Failed, (await ApplyAsync(RuleChange.Add)).Results.Select(r => r.Outcome));
        Assert.Equal(before, await _host.DumpAsync());

        _first = static _ => null;
        FirewallApplication done = await ApplyAsync(RuleChange.Add, trial: true);
        Assert.All(done.Results, r => Assert.True(FirewallApplyOutcome.Applied == r.Outcome, r.Evidence));
        Assert.Equal<bool[]>([true, true], await _host.TryAsync([In4, In6], patient: true));
        Assert.Single(await new FirewallPlanApplier(Tools).PendingAsync(CancellationToken.None));
        await new FirewallPlanApplier(Tools).UndoAsync(done.Id, CancellationToken.None);
        Assert.Equal(before, await _host.DumpAsync());

        done = await ApplyAsync(RuleChange.Add, trial: true);
        await new FirewallPlanApplier(Tools).ConfirmAsync(done.Id, CancellationToken.None);
        Assert.Equal<bool[]>([true, true], await _host.TryAsync([In4, In6], patient: true));
        string once = await _host.DumpAsync();
        await ApplyAsync(RuleChange.Add);
        Assert.Equal(once, await _host.DumpAsync());
        await ApplyAsync(RuleChange.Remove);
        Assert.Equal(before, await _host.DumpAsync());
    }

    [Theory, NeedsNamespace("iptables", "ip6tables", "nsenter", "timeout", "setsid", "flock")]
    [InlineData(Native)]
    [InlineData(Other)]
    [InlineData(Native + "; " + Other)]
    [InlineData(Native + "; for t in iptables ip6tables; do $t -F INPUT; done")]
    [InlineData(Other + "; nft flush chain inet filter input")]
    public async Task A_rule_that_has_lost_its_effect_is_renewed_whichever_manager_has_it(string lost)
    {
        await LoadAsync("nft 'add table inet filter; add chain inet filter input { type filter hook input priority 0; "
            + "policy drop; }'; for t in iptables ip6tables; do $t -P INPUT DROP; done");
        await ApplyAsync(RuleChange.Add);
        Assert.Equal<bool[]>([true, true], await _host.TryAsync([In4, In6], patient: true));
        await LoadAsync(lost);
        string before = await _host.DumpAsync();
        Assert.Equal<bool[]>([false, false], await _host.TryAsync([In4, In6]));

        FirewallApplication done = await ApplyAsync(RuleChange.Add, trial: true);

        Assert.All(done.Results, r => Assert.True(FirewallApplyOutcome.Applied == r.Outcome, r.Evidence));
        Assert.Equal<bool[]>([true, true], await _host.TryAsync([In4, In6], patient: true));
        await new FirewallPlanApplier(Tools).UndoAsync(done.Id, CancellationToken.None);
        Assert.Equal(before, await _host.DumpAsync());

        await ApplyAsync(RuleChange.Add);
        Assert.Equal<bool[]>([true, true], await _host.TryAsync([In4, In6], patient: true));
        string once = await _host.DumpAsync();

        // Those of nftables: its listing does not name the comments of the others.
        Assert.Equal(2, once.Split('\n').Count(static l => l.Contains("scanengine:", StringComparison.Ordinal)));
        await ApplyAsync(RuleChange.Add);
        Assert.Equal(once, await _host.DumpAsync());
    }

    [Fact, NeedsNamespace("iptables", "ip6tables", "nsenter", "timeout")]
    public async Task A_rule_that_only_the_second_manager_has_is_renewed()
    {
        await LoadAsync("nft 'add table inet filter; add chain inet filter input { type filter hook input priority 0; "
            + "}; add rule inet filter input ip6 nexthdr tcp drop'; iptables -P INPUT DROP");
        await ApplyAsync(RuleChange.Add);
        await LoadAsync("iptables -I INPUT -p tcp --dport 40814 -j DROP");
        Assert.Equal<bool[]>([false], await _host.TryAsync([In4]));
        Assert.Equal<bool[]>([true], await _host.TryAsync([In6], patient: true));

        FirewallApplication done = await ApplyAsync(RuleChange.Add);

        Assert.All(done.Results, static r => Assert.NotEqual(FirewallApplyOutcome.Failed, r.Outcome));
        Assert.Equal<bool[]>([true, true], await _host.TryAsync([In4, In6], patient: true));
    }

    [Theory, NeedsNamespace("iptables-legacy", "iptables-nft", "nsenter", "timeout", "setsid", "flock")]
    [InlineData("nft")]
    [InlineData("legacy")]
    public async Task Renewed_rules_come_back_to_their_places_though_others_were_new_above_them(string backend)
    {
        string tool = $"iptables-{backend}";
        await LoadAsync($"for t in {tool} ip6{tool[2..]}; do $t -P INPUT DROP; $t -A INPUT -m state --state "
            + "ESTABLISHED -j ACCEPT; done");
        FirewallRule[] old = [V4(40814), V4(22)];
        await ApplyAsync(RuleChange.Add, old);
        await LoadAsync($"{tool} -I INPUT 2 -p udp --dport 2 -j DROP; for p in 40814 22; do {tool} -I INPUT -p tcp "
            + $"--dport $p -j DROP; done; {tool} -I INPUT -p udp --dport 1 -j DROP");
        string before = await _host.DumpAsync();
        FirewallRule[] more = [
            .. old, V4(8080), Wanted.Rule(40814, family: RuleFamily.IPv6, peers: In6.Peer.ToString())];

        // The last one fails: three are at the head by then, of which one is new.
        _first = static call => call.Tool.StartsWith("ip6tables", StringComparison.Ordinal)
            && call.Arguments.Contains("-I") ? new ToolResult(true, 4, "Resource temporarily unavailable.") : null;
        FirewallApplication failed = await ApplyAsync(RuleChange.Add, more);
        Assert.Contains(FirewallApplyOutcome.Failed, failed.Results.Select(static r => r.Outcome));
        Assert.Equal(before, await _host.DumpAsync());

        _first = static _ => null;
        FirewallApplication done = await ApplyAsync(RuleChange.Add, more, trial: true);
        Assert.All(done.Results, r => Assert.True(FirewallApplyOutcome.Applied == r.Outcome, r.Evidence));
        await new FirewallPlanApplier(Tools).UndoAsync(done.Id, CancellationToken.None);
        Assert.Equal(before, await _host.DumpAsync());

        static FirewallRule V4(int port) => Wanted.Rule(port, peers: In4.Peer.ToString());
    }

    [Theory, NeedsNamespace("iptables-legacy", "iptables-nft", "nsenter", "timeout", "setsid", "flock")]
    [InlineData("nft", "legacy")]
    [InlineData("legacy", "nft")]
    public async Task What_a_trial_takes_from_one_backend_comes_back_to_its_place_though_the_other_has_new_ones(
        string denies, string denied)
    {
        foreach (string backend in (string[])[denies, denied])
        {
            await LoadAsync($"iptables-{backend} -P INPUT DROP; iptables-{backend} -A INPUT -m state --state "
                + "ESTABLISHED -j ACCEPT");
        }

        await ApplyAsync(RuleChange.Add, [Wanted.Rule(40814, peers: In4.Peer.ToString())]);
        await LoadAsync($"iptables-{denied} -P INPUT ACCEPT");
        string before = await _host.DumpAsync();

        FirewallApplication done = await ApplyAsync(
            RuleChange.Add, [Wanted.Rule(40814, peers: RulesetHost.Peers[1].ToString())], trial: true);

        Assert.All(done.Results, r => Assert.True(FirewallApplyOutcome.Applied == r.Outcome, r.Evidence));
        Assert.NotEqual(before, await _host.DumpAsync());
        await new FirewallPlanApplier(Tools).UndoAsync(done.Id, CancellationToken.None);
        Assert.Equal(before, await _host.DumpAsync());
    }

    [Theory, NeedsNamespace("iptables", "nsenter", "timeout")]
    [InlineData(ApplierFixture.Standard)]
    [InlineData(ApplierFixture.Reverse)]
    public async Task An_applier_with_a_manager_that_was_named_writes_to_no_other(CommunicationDirection from)
    {
        await LoadAsync("nft 'add table inet filter; add chain inet filter input { type filter hook input priority 0; "
            + "policy drop; }'; iptables -I INPUT -p tcp --dport 40815 -j DROP");
        string before = await _host.DumpAsync();
        using var applier = new ApplierFixture(NodeRole.Console, Tools);
        applier.Options = applier.Options with { Provider = FirewallProvider.Nftables };
        Guid pairing = applier.Pair(from, In4.Peer.ToString());
        Guid change = applier.Begin(
            pairing, from == ApplierFixture.Standard ? ApplierFixture.Reverse : ApplierFixture.Standard);

        FirewallRequest done = await applier.DoAsync(pairing, change, FirewallAction.Open);

        Assert.Equal(FirewallRequestState.Failed, done.State);
        Assert.Contains("which was named", done.Detail, StringComparison.Ordinal);
        Assert.Equal(before, await _host.DumpAsync());
    }

    [Theory, NeedsNamespace("iptables", "nsenter", "timeout")]
    [InlineData(FirewallProvider.Nftables)]
    [InlineData(FirewallProvider.Iptables)]
    public async Task What_both_managers_have_goes_from_both_whichever_is_named(FirewallProvider named)
    {
        await LoadAsync("nft 'add table inet filter; add chain inet filter input { type filter hook input priority 0; "
            + "policy drop; }'; for t in iptables ip6tables; do $t -P INPUT DROP; done");
        string before = await _host.DumpAsync();
        await ApplyAsync(RuleChange.Add);

        FirewallApplication done = await ApplyAsync(RuleChange.Remove, named);

        Assert.All(done.Results, r => Assert.True(FirewallApplyOutcome.Applied == r.Outcome, r.Evidence));
        Assert.Equal(before, await _host.DumpAsync());
    }

    [Theory, NeedsNamespace("iptables", "nsenter", "timeout")]
    [InlineData(ApplierFixture.Standard, FirewallProvider.Nftables)]
    [InlineData(ApplierFixture.Reverse, FirewallProvider.Nftables)]
    [InlineData(ApplierFixture.Standard, FirewallProvider.Iptables)]
    [InlineData(ApplierFixture.Reverse, FirewallProvider.Iptables)]
    public async Task An_applier_takes_away_what_a_manager_has_that_is_not_named(
        CommunicationDirection from, FirewallProvider named)
    {
        await LoadAsync("nft 'add table inet filter; add chain inet filter input { type filter hook input priority 0; "
            + "policy drop; }; add chain inet filter output { type filter hook output priority 0; policy drop; }; "
            + "add rule inet filter input ct state established accept; add rule inet filter output ct state "
            + "established accept'; for c in INPUT OUTPUT; do iptables -P $c DROP; iptables -A $c -m state --state "
            + "ESTABLISHED -j ACCEPT; done");
        using var applier = new ApplierFixture(NodeRole.Console, Tools);
        Guid pairing = applier.Pair(from, In4.Peer.ToString());
        await applier.DoAsync(pairing, Guid.NewGuid(), FirewallAction.Close);
        string before = await _host.DumpAsync();
        CommunicationDirection to = from == ApplierFixture.Standard ? ApplierFixture.Reverse : ApplierFixture.Standard;
        Guid change = applier.Begin(pairing, to);
        FirewallRequest open = await applier.DoAsync(pairing, change, FirewallAction.Open);
        Assert.True(open.State == FirewallRequestState.Done, open.Detail);
        Assert.NotEqual(before, await _host.DumpAsync());
        applier.Decide(change, commit: false);
        applier.End(pairing, change, commit: false);
        applier.Options = applier.Options with { Provider = named };

        FirewallRequest done = await applier.DoAsync(pairing, change, FirewallAction.Close);

        Assert.Equal(before, await _host.DumpAsync());
        Assert.True(done.IsDone, done.Detail);
    }

    private const string Native = "nft insert rule inet filter input tcp dport 40814 drop";
    private const string Other = "for t in iptables ip6tables; do $t -I INPUT -p tcp --dport 40814 -j DROP; done";

    [Theory, NeedsNamespace("iptables-legacy", "iptables-nft", "nsenter", "timeout")]
    [InlineData("for t in iptables-legacy ip6tables-legacy; do $t -P INPUT DROP; $t -A INPUT -p tcp -m recent --name "
        + "scan --set -j REJECT --reject-with tcp-reset; done")]
    [InlineData("nft 'add table inet own; add chain inet own in { type filter hook input priority 0; policy drop; }; "
        + "add rule inet own in tcp dport 40814 limit rate over 1/day drop'; for t in iptables ip6tables; do $t -A "
        + "INPUT -p udp -j DROP; done")]
    public async Task What_denies_by_time_or_rate_gets_the_rule_as_well(string load)
    {
        await LoadAsync(load);
        string before = await _host.DumpAsync();

        FirewallApplication done = await ApplyAsync(RuleChange.Add);

        Assert.All(done.Results, r => Assert.True(
            FirewallApplyOutcome.Applied == r.Outcome
            && r.Evidence.Contains("the way is open", StringComparison.Ordinal), r.Evidence));
        Assert.Equal<bool[]>([true, true], await _host.TryAsync([In4, In6], patient: true));
        await ApplyAsync(RuleChange.Remove);
        Assert.Equal(before, await _host.DumpAsync());
    }

    [Fact, NeedsNamespace("iptables-nft", "nsenter", "timeout")]
    public async Task A_manager_that_was_named_gets_no_rule_that_needs_another_as_well()
    {
        await LoadAsync("nft 'add table inet filter; add chain inet filter input { type filter hook input priority 0; "
            + "policy drop; }'; iptables-nft -I INPUT -p tcp --dport 40814 -j DROP");
        string before = await _host.DumpAsync();

        FirewallApplication done = await ApplyAsync(RuleChange.Add, FirewallProvider.Nftables);

        Assert.Contains(done.Results, static r => r.Outcome == FirewallApplyOutcome.Failed
            && r.Evidence.Contains("which was named", StringComparison.Ordinal));
        Assert.Equal(before, await _host.DumpAsync());
    }

    [Fact, NeedsNamespace("iptables-legacy", "iptables-nft", "nsenter", "timeout")]
    public async Task Only_the_backend_of_iptables_that_lacks_the_rule_gets_it_and_an_undo_takes_it_from_there()
    {
        const string Drop = "for t in iptables-B ip6tables-B; do $t -P INPUT DROP; $t -A INPUT -m state --state "
            + "ESTABLISHED -j ACCEPT; done";
        await LoadAsync(Drop.Replace("-B", "-nft", StringComparison.Ordinal));
        await ApplyAsync(RuleChange.Add);
        await LoadAsync(Drop.Replace("-B", "-legacy", StringComparison.Ordinal));
        string before = await _host.DumpAsync();
        Assert.Equal(2, await SavedAsync());

        _first = static call => call.Tool == "ip6tables-legacy" && call.Arguments.Contains("-I")
            ? new ToolResult(true, 4, "Resource temporarily unavailable.") : null;
        FirewallApplication done = await ApplyAsync(RuleChange.Add);

        Assert.Equal(
            [FirewallApplyOutcome.RolledBack, FirewallApplyOutcome.Failed], done.Results.Select(static r => r.Outcome));
        Assert.Equal(before, await _host.DumpAsync());

        _first = static _ => null;
        done = await ApplyAsync(RuleChange.Add, trial: true);
        Assert.Equal(4, await SavedAsync());
        Assert.Equal<bool[]>([true, true], await _host.TryAsync([In4, In6], patient: true));
        await new FirewallPlanApplier(Tools).UndoAsync(done.Id, CancellationToken.None);
        Assert.Equal(before, await _host.DumpAsync());
    }
}
