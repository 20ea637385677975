using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Tests.Firewall.Applying;

/// <summary>
/// ufw and firewalld get a rule where it opens the way, none where it is not needed, and none that would not open it:
/// then what still denies is named.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class RealManagerSearchTests
{
    private const string Elsewhere = "nft 'add table inet other; add chain inet other in { type filter hook input "
        + "priority -5; }; add rule inet other in tcp dport 40815 drop'";

    [Theory, NeedsFilter(FilterKind.Ufw)]
    [InlineData(FilterKind.Ufw, "ufw deny from 203.0.113.0/24; ufw reject 40815/tcp; ufw deny 40000:41000/tcp")]
    [InlineData(FilterKind.Ufw, "ufw limit 22/tcp; ufw logging high; ufw allow from 203.0.113.9")]
    public Task Ufw_opens_although_an_admin_denies(FilterKind kind, string load) => OpensAsync(kind, load);

    [Theory, NeedsFilter(FilterKind.Firewalld)]
    [InlineData(FilterKind.Firewalld, "firewall-cmd --add-rich-rule='rule family=ipv4 source "
        + "address=203.0.113.8 reject'")]
    [InlineData(FilterKind.Firewalld, "firewall-cmd --zone=internal --change-interface=eth0")]
    [InlineData(FilterKind.Firewalld, "firewall-cmd --zone=work --add-source=203.0.113.0/24; firewall-cmd "
        + "--zone=internal --change-interface=eth0")]
    [InlineData(FilterKind.Firewalld, "firewall-cmd --permanent --new-ipset=peers --type=hash:ip; firewall-cmd "
        + "--permanent --ipset=peers --add-entry=203.0.113.7; firewall-cmd --reload; firewall-cmd --zone=dmz "
        + "--add-source=ipset:peers")]
    [InlineData(FilterKind.Firewalld, "iptables -N DOCKER; iptables -A FORWARD -j DOCKER; iptables -P FORWARD DROP; "
        + "iptables -t nat -N DOCKER; iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER")]
    public Task Firewalld_opens_the_zone_that_the_peer_comes_to(FilterKind kind, string load) => OpensAsync(kind, load);

    [Theory, NeedsFilter(FilterKind.Ufw)]
    [InlineData(FilterKind.Ufw, Elsewhere, "inet other in", true)]
    [InlineData(FilterKind.Ufw, "iptables -I INPUT -p tcp --dport 40815 -j DROP", "--dport 40815 -j DROP", true)]
    [InlineData(FilterKind.Ufw, "iptables -I ufw-before-input -p tcp --dport 40815 -j DROP", "ufw-before-input", false)]
    public Task Ufw_gets_no_rule_that_opens_nothing(FilterKind kind, string load, string denies, bool byHand) =>
        RefusesAsync(kind, load, denies, byHand);

    [Theory, NeedsFilter(FilterKind.Firewalld)]
    [InlineData(FilterKind.Firewalld, Elsewhere, "inet other in", true)]
    [InlineData(FilterKind.Firewalld, "firewall-cmd --add-rich-rule='rule family=ipv4 source "
        + "address=203.0.113.0/24 reject'", "filter_IN_public_deny", false)]
    [InlineData(FilterKind.Firewalld, "firewall-cmd --zone=drop --change-interface=eth0; firewall-cmd --zone=drop "
        + "--add-rich-rule='rule family=ipv4 source address=203.0.113.7 drop'", "filter_IN_drop_deny", false)]
    public Task Firewalld_gets_no_rule_that_opens_nothing(FilterKind kind, string load, string denies, bool byHand) =>
        RefusesAsync(kind, load, denies, byHand);

    [Fact, NeedsFilter(FilterKind.Ufw)]
    public async Task What_ufw_has_goes_although_another_manager_is_named()
    {
        using var host = new FilterHost(FilterKind.Ufw);
        string before = await host.DumpAsync();
        FirewallRule rule = Wanted.Rule(40815, peers: "203.0.113.7");
        FirewallRule shared = rule with
        {
            RuleId = FirewallRuleId.For(NodeRole.Console, Guid.NewGuid(), RuleFlow.In, 40815, RuleFamily.IPv4),
            Change = RuleChange.Keep,
        };
        await host.ApplyAsync(Wanted.Plan(RuleChange.Add, rule));
        FirewallPlan close = Wanted.Plan(RuleChange.Remove, rule);
        FirewallApplyOptions named = Wanted.Committed with { Provider = FirewallProvider.Iptables };

        // What another pairing needs as well is one rule of ufw's, and stays.
        await host.ApplyAsync(FirewallPairings.Guard(close, [shared]), named);
        Assert.Single(await host.OursAsync(40815));
        FirewallApplyResult done = Assert.Single((await host.ApplyAsync(close, named)).Results);

        Assert.True(FirewallApplyOutcome.Applied == done.Outcome, done.Evidence);
        Assert.Equal(FirewallProvider.Ufw, done.Provider);
        Assert.Equal(before, await host.DumpAsync());
    }

    [Fact, NeedsFilter(FilterKind.Ufw)]
    public Task Ufw_gets_no_rule_that_is_not_needed() => LeavesAsync(
        FilterKind.Ufw, "ufw allow from 203.0.113.0/24");

    [Fact, NeedsFilter(FilterKind.Firewalld)]
    public Task Firewalld_gets_no_rule_that_is_not_needed() => LeavesAsync(
        FilterKind.Firewalld, "firewall-cmd --add-port=40000-41000/tcp");

    [Fact, NeedsFilter(FilterKind.Firewalld)]
    public async Task A_rule_follows_its_peer_to_another_zone_of_firewalld()
    {
        using var host = new FilterHost(FilterKind.Firewalld);
        FirewallPlan plan = Wanted.Plan(RuleChange.Add, Wanted.Rule(40815, peers: "203.0.113.7"));
        await host.ApplyAsync(plan);
        string theirs = "firewall-cmd --zone=dmz --add-rich-rule='rule family=ipv4 source address=203.0.113.7/32 port "
            + "port=40815 protocol=tcp accept'";
        await host.ShellAsync($"{theirs}; firewall-cmd --zone=work --add-source=203.0.113.0/24");

        FirewallApplyResult done = Assert.Single((await host.ApplyAsync(plan)).Results);

        Assert.True(FirewallApplyOutcome.Applied == done.Outcome, done.Evidence);
        Assert.Equal("work", Assert.Single(await host.OursAsync(40815)).Chain);

        // An admin's own rule of the same effect in a zone that the peer does not come to is not ours.
        await host.ApplyAsync(plan with
        {
            Rules = [.. plan.Rules.Select(
            static r => r with { Change = RuleChange.Remove })]
        }, Wanted.Committed);
        Assert.Empty(await host.OursAsync(40815));
        Assert.Contains("203.0.113.7", await host.ShellAsync("firewall-cmd --zone=dmz --list-rich-rules"),
            StringComparison.Ordinal);
    }

    [Fact, NeedsFilter(FilterKind.Ufw)]
    public async Task A_rule_of_ours_below_a_deny_of_ufw_is_set_before_it()
    {
        using var host = new FilterHost(FilterKind.Ufw);
        FirewallRule rule = Wanted.Rule(40815, peers: "203.0.113.7");
        await host.ShellAsync("ufw deny from 203.0.113.0/24; ufw allow from 203.0.113.7 to any port 40815 proto tcp "
            + $"comment {FirewallRuleId.Tag(rule.RuleId)}");

        FirewallApplyResult done = Assert.Single((await host.ApplyAsync(Wanted.Plan(RuleChange.Add, rule))).Results);

        Assert.True(FirewallApplyOutcome.Applied == done.Outcome, done.Evidence);
        Assert.Contains("the way is open", done.Evidence, StringComparison.Ordinal);
        Assert.Equal(1, Assert.Single(await host.OursAsync(40815)).Order);
    }

    [Theory, NeedsFilter(FilterKind.Ufw)]
    [InlineData("s/-m conntrack --ctstate/-m state --state/", FirewallApplyOutcome.Applied)]
    [InlineData("/### END RULES/i -A ufw-user-input -p tcp --dport 9 -j ACCEPT", FirewallApplyOutcome.Failed)]
    public async Task Files_of_an_older_ufw_are_no_hindrance_and_what_it_would_drop_is(
        string edit, FirewallApplyOutcome outcome)
    {
        using var host = new FilterHost(FilterKind.Ufw);
        await host.ShellAsync("ufw limit from 192.0.2.0/24 to any port 22 proto tcp; "
            + $"sed -i '{edit}' /etc/ufw/user.rules; ufw reload");
        string before = await host.DumpAsync();
        FirewallRule rule = Wanted.Rule(40815, peers: "203.0.113.7");

        FirewallApplyResult done = Assert.Single((await host.ApplyAsync(Wanted.Plan(RuleChange.Add, rule))).Results);

        Assert.True(outcome == done.Outcome, done.Evidence);
        await host.ApplyAsync(Wanted.Plan(RuleChange.Remove, rule), Wanted.Committed);
        Assert.Equal(before, await host.DumpAsync());
    }

    private static async Task OpensAsync(FilterKind kind, string load)
    {
        using var host = new FilterHost(kind);
        await host.ShellAsync(load);
        string before = await host.DumpAsync();
        string files = await FilesAsync(host);
        FirewallRule rule = Wanted.Rule(40815, peers: "203.0.113.7");

        FirewallApplyResult done = Assert.Single((await host.ApplyAsync(Wanted.Plan(RuleChange.Add, rule))).Results);

        Assert.True(FirewallApplyOutcome.Applied == done.Outcome, done.Evidence);
        Assert.Contains("the way is open", done.Evidence, StringComparison.Ordinal);
        await host.ApplyAsync(Wanted.Plan(RuleChange.Remove, rule), Wanted.Committed);
        Assert.Equal(before, await host.DumpAsync());
        Assert.Equal(files, await FilesAsync(host));
    }

    private static async Task RefusesAsync(FilterKind kind, string load, string denies, bool byHand)
    {
        using var host = new FilterHost(kind);
        await host.ShellAsync(load);
        string before = await host.DumpAsync();
        string files = await FilesAsync(host);

        FirewallPlan plan = Wanted.Plan(RuleChange.Add, Wanted.Rule(40815, peers: "203.0.113.7"));
        FirewallApplyResult done = Assert.Single((await host.ApplyAsync(plan)).Results);

        Assert.True(FirewallApplyOutcome.Failed == done.Outcome, done.Evidence);
        Assert.Contains("Not written", done.Evidence, StringComparison.Ordinal);
        Assert.Contains(denies, done.Evidence, StringComparison.Ordinal);
        Assert.Equal(before, await host.DumpAsync());
        Assert.Equal(files, await FilesAsync(host));
        int command = done.Evidence.IndexOf("sudo ", StringComparison.Ordinal);
        Assert.Equal(byHand, command >= 0);
        if (byHand)
        {
            string kernel = await KernelAsync(host);
            await host.ShellAsync(done.Evidence[command..].Replace("sudo ", string.Empty, StringComparison.Ordinal));
            done = Assert.Single((await host.ApplyAsync(plan)).Results);
            Assert.True(FirewallApplyOutcome.Failed != done.Outcome, done.Evidence);
            Assert.Contains("the way is open", done.Evidence, StringComparison.Ordinal);
            await host.ApplyAsync(
                plan with { Rules = [.. plan.Rules.Select(static r => r with { Change = RuleChange.Remove })] },
                Wanted.Committed);
            Assert.Equal(before, await host.DumpAsync());
            Assert.Equal(kernel, await KernelAsync(host));
        }
    }

    private static async Task LeavesAsync(FilterKind kind, string load)
    {
        using var host = new FilterHost(kind);
        await host.ShellAsync(load);
        string before = await host.DumpAsync();
        FirewallRule rule = Wanted.Rule(40815, peers: "203.0.113.7");

        FirewallApplyResult done = Assert.Single((await host.ApplyAsync(
            Wanted.Plan(RuleChange.Add, rule))).Results);

        FirewallDriftRow lacks = Assert.Single(FirewallDrift.Compare(
            [rule],
            await new FirewallReader(host.HostTools).ReadAsync(host.Provider, [40815], CancellationToken.None),
            host.Provider));
        Assert.Equal("<=", lacks.SideIndicator);
        Assert.Equal("==", Assert.Single(
            await OpenWays.JudgeAsync(
                host.HostTools, [lacks], () => Task.FromResult(true), CancellationToken.None)).SideIndicator);
        Assert.True(FirewallApplyOutcome.AlreadyPresent == done.Outcome, done.Evidence);
        Assert.Contains("No rule is needed", done.Evidence, StringComparison.Ordinal);
        Assert.Equal(before, await host.DumpAsync());
    }

    private static Task<string> KernelAsync(FilterHost host) => host.ShellAsync("iptables-save -t filter | grep ^-A; "
        + "nft list ruleset | grep -c 'tcp dport 40815'");

    private static Task<string> FilesAsync(FilterHost host) => host.ShellAsync(
        "cat /etc/ufw/user.rules /etc/ufw/user6.rules");
}
