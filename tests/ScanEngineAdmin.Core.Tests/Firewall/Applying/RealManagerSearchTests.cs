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
    public Task Firewalld_opens_where_its_default_zone_denies(FilterKind kind, string load) => OpensAsync(kind, load);

    [Theory, NeedsFilter(FilterKind.Ufw)]
    [InlineData(FilterKind.Ufw, Elsewhere, "inet other in")]
    [InlineData(FilterKind.Ufw, "iptables -I INPUT -p tcp --dport 40815 -j DROP", "--dport 40815 -j DROP")]
    public Task Ufw_gets_no_rule_that_opens_nothing(FilterKind kind, string load, string denies) =>
        RefusesAsync(kind, load, denies);

    [Theory, NeedsFilter(FilterKind.Firewalld)]
    [InlineData(FilterKind.Firewalld, Elsewhere, "inet other in")]
    [InlineData(FilterKind.Firewalld, "firewall-cmd --add-rich-rule='rule family=ipv4 source "
        + "address=203.0.113.0/24 reject'", "filter_IN_public_deny")]
    [InlineData(FilterKind.Firewalld, "firewall-cmd --zone=internal --change-interface=eth0", "filter_IN_internal")]
    public Task Firewalld_gets_no_rule_that_opens_nothing(FilterKind kind, string load, string denies) =>
        RefusesAsync(kind, load, denies);

    [Fact, NeedsFilter(FilterKind.Ufw)]
    public Task Ufw_gets_no_rule_that_is_not_needed() => LeavesAsync(
        FilterKind.Ufw, "ufw allow from 203.0.113.0/24");

    [Fact, NeedsFilter(FilterKind.Firewalld)]
    public Task Firewalld_gets_no_rule_that_is_not_needed() => LeavesAsync(
        FilterKind.Firewalld, "firewall-cmd --add-port=40000-41000/tcp");

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

    private static async Task RefusesAsync(FilterKind kind, string load, string denies)
    {
        using var host = new FilterHost(kind);
        await host.ShellAsync(load);
        string before = await host.DumpAsync();
        string files = await FilesAsync(host);

        FirewallApplyResult done = Assert.Single((await host.ApplyAsync(
            Wanted.Plan(RuleChange.Add, Wanted.Rule(40815, peers: "203.0.113.7")))).Results);

        Assert.True(FirewallApplyOutcome.Failed == done.Outcome, done.Evidence);
        Assert.Contains("Not written", done.Evidence, StringComparison.Ordinal);
        Assert.Contains(denies, done.Evidence, StringComparison.Ordinal);
        Assert.Equal(before, await host.DumpAsync());
        Assert.Equal(files, await FilesAsync(host));
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
            await OpenWays.JudgeAsync(host.HostTools, [lacks], CancellationToken.None)).SideIndicator);
        Assert.True(FirewallApplyOutcome.AlreadyPresent == done.Outcome, done.Evidence);
        Assert.Contains("No rule is needed", done.Evidence, StringComparison.Ordinal);
        Assert.Equal(before, await host.DumpAsync());
    }

    private static Task<string> FilesAsync(FilterHost host) => host.ShellAsync(
        "cat /etc/ufw/user.rules /etc/ufw/user6.rules");
}
