using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Tests.Firewall.Applying;

/// <summary>firewalld has what is in force and what is kept: a rule may be in one of them only.</summary>
[Trait("Speed", "Slow")]
public sealed class RealKeptTests
{
    private const string Rich = "rule family=\"ipv4\" source address=\"203.0.113.7/32\" port port=\"40815\" "
        + "protocol=\"tcp\" accept";

    [Fact, NeedsFilter(FilterKind.Firewalld)]
    public async Task A_rule_that_is_there_by_half_is_seen_named_and_mended()
    {
        using var host = new FilterHost(FilterKind.Firewalld);
        string before = await host.DumpAsync();
        FirewallRule rule = Wanted.Rule(40815, peers: "203.0.113.7");
        await host.ApplyAsync(Wanted.Plan(RuleChange.Add, rule));

        await host.ShellAsync($"firewall-cmd --remove-rich-rule='{Rich}'");
        FirewallDriftRow kept = Assert.Single(await CompareAsync(host, rule));
        Assert.Equal(("<=", false, true), (kept.SideIndicator, kept.Installed?.InForce, kept.Installed?.Persistent));
        Assert.Contains("kept and not in force", kept.Detail, StringComparison.Ordinal);
        await MendsAsync(host, rule);

        await host.ShellAsync($"firewall-cmd --permanent --remove-rich-rule='{Rich}'");
        FirewallDriftRow asked = Assert.Single(await CompareAsync(host, rule));
        Assert.Equal(("<=", true, false), (asked.SideIndicator, asked.Installed?.InForce, asked.Installed?.Persistent));
        Assert.Contains("in force and not kept", asked.Detail, StringComparison.Ordinal);
        await MendsAsync(host, rule);

        await host.ShellAsync($"firewall-cmd --remove-rich-rule='{Rich}'");
        FirewallDriftRow extra = Assert.Single(await CompareAsync(host));
        Assert.Equal(("=>", false), (extra.SideIndicator, extra.Installed?.InForce));
        FirewallApplication gone = await host.ApplyAsync(Wanted.Plan(RuleChange.Remove, rule), Wanted.Committed);
        Assert.Equal(FirewallApplyOutcome.Applied, gone.Results.Single().Outcome);
        Assert.Equal(before, await host.DumpAsync());
    }

    private static async Task MendsAsync(FilterHost host, FirewallRule rule)
    {
        FirewallApplyResult mended = (await host.ApplyAsync(Wanted.Plan(RuleChange.Add, rule))).Results.Single();
        Assert.True(FirewallApplyOutcome.Applied == mended.Outcome, mended.Evidence);
        Assert.Equal("==", Assert.Single(await CompareAsync(host, rule)).SideIndicator);
    }

    private static async Task<IReadOnlyList<FirewallDriftRow>> CompareAsync(
        FilterHost host, params FirewallRule[] wanted) => FirewallDrift.Compare(
            wanted,
            await new FirewallReader(host.HostTools).ReadAsync(host.Provider, [40815], CancellationToken.None),
            host.Provider);
}
