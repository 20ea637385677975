using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Tests.Firewall.Applying;

/// <summary>
/// Where rules are known by what they do, an admin's own may be the very one that a plan wants, or its opposite: then
/// nothing is written, because it would go when ours goes.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class RealForeignTests
{
    private const string Rich = "rule family=\"ipv4\" source address=\"203.0.113.7/32\" port port=\"40815\" "
        + "protocol=\"tcp\" accept";

    [Fact, NeedsFilter(FilterKind.Ufw)]
    public Task Ufw_would_put_our_allow_in_the_place_of_an_admins_deny() => Refuses(
        FilterKind.Ufw, "ufw deny from 203.0.113.7 to any port 40815 proto tcp", "DENY");

    [Fact, NeedsFilter(FilterKind.Firewalld)]
    public Task Firewalld_would_take_away_what_an_admin_has_only_until_the_next_start() => Refuses(
        FilterKind.Firewalld, $"firewall-cmd --add-rich-rule='{Rich}'", "--runtime-to-permanent");

    private static async Task Refuses(FilterKind kind, string theirs, string says)
    {
        using var host = new FilterHost(kind);
        await host.ShellAsync(theirs);
        string before = await host.DumpAsync();
        FirewallRule same = Wanted.Rule(40815, peers: ["203.0.113.7", "203.0.113.8"]);
        FirewallPlan plan = Wanted.Plan(RuleChange.Add, same, Wanted.Rule(40816, peers: "203.0.113.8"));

        FirewallApplication plain = await host.ApplyAsync(plan);
        FirewallApplication trial = await host.ApplyAsync(
            plan, new FirewallApplyOptions { RollbackAfter = TimeSpan.FromMinutes(5) });

        Assert.All([plain, trial], done =>
        {
            Assert.Equal(
                [FirewallApplyOutcome.Failed, FirewallApplyOutcome.Deferred], done.Results.Select(r => r.Outcome));
            Assert.Contains(says, done.Results[0].Evidence, StringComparison.Ordinal);
            Assert.Null(done.RollbackAt);
        });
        Assert.Equal(before, await host.DumpAsync());
        Assert.Empty(await host.OursAsync(40815, 40816));
    }
}
