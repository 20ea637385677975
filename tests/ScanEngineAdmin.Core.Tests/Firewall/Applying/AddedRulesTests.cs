using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Tests.Firewall.Applying;

/// <summary>The list of what was added to firewalld: an entry goes with its own rule and with no other.</summary>
public sealed class AddedRulesTests : IDisposable
{
    private const string Peer = "203.0.113.7";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sea-added-");
    private readonly AddedRules _added;
    private readonly FirewallRule _rule = Sample.Rule(peers: Peer);

    public AddedRulesTests() => _added = new AddedRules(_folder.FullName);

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void What_could_not_be_written_takes_no_entry_of_another_rule_or_zone_with_it()
    {
        _added.Add(_rule with { RuleId = "sea-ba9876543210" }, In("dmz"));
        _added.Add(_rule, In("work"));

        IReadOnlyList<string> fresh = _added.Add(_rule, In("work", "public"));
        _added.TakeBack(fresh);

        Assert.Equal(["dmz", "work"], Ours(Found("dmz"), Found("work"), Found("public")));
    }

    [Fact]
    public void An_entry_without_a_zone_stays_while_its_rule_is_in_the_default_zone()
    {
        _added.Add(_rule, null);
        _added.Add(_rule with { RuleId = "sea-ba9876543210" }, In("dmz"));

        _added.Remove(Found("dmz") with { RuleId = "sea-ba9876543210", IsElsewhere = true }, []);
        Assert.Equal(["public"], Ours(Found("dmz"), Found("public")));

        _added.Remove(Found("public") with { RuleId = _rule.RuleId }, []);
        Assert.Empty(Ours(Found("dmz"), Found("public")));
    }

    [Fact]
    public void An_entry_for_several_policies_stays_until_its_rule_is_in_none()
    {
        _added.Add(Sample.Rule(RuleFlow.Out, peers: Peer), null);
        InstalledFirewallRule one = Found("policy one") with { Flow = RuleFlow.Out, RuleId = _rule.RuleId };
        InstalledFirewallRule two = one with { Chain = "policy two" };

        _added.Remove(one, [two]);
        Assert.Equal(["policy two"], Ours(two with { RuleId = null }));

        _added.Remove(two, []);
        Assert.Empty(Ours(two with { RuleId = null }));
    }

    [Fact]
    public void What_is_neither_there_nor_on_trial_is_forgotten()
    {
        _added.Add(_rule, In("work", "public"));
        _added.Add(_rule with { RuleId = "sea-ba9876543210" }, In("dmz"));

        _added.Forget(_added.Label([Found("work")], "public"), ["sea-ba9876543210"]);

        Assert.Equal(["dmz", "work"], Ours(Found("dmz"), Found("work"), Found("public")));
        _added.Forget([], []);
        Assert.Empty(Ours(Found("dmz"), Found("work"), Found("public")));
    }

    private RulePlaces In(params string[] zones)
    {
        var places = new RulePlaces();
        foreach (string zone in zones)
        {
            foreach (string id in (string[])[_rule.RuleId, "sea-ba9876543210"])
            {
                places.Add(id, Peer, zone);
            }
        }

        return places;
    }

    private string[] Ours(params InstalledFirewallRule[] found) =>
        [.. _added.Label(found, "public").Where(static r => !r.Foreign).Select(static r => r.Chain)];

    private static InstalledFirewallRule Found(string chain) => new()
    {
        Provider = FirewallProvider.Firewalld,
        Flow = RuleFlow.In,
        Port = 40815,
        RemoteAddress = [Peer],
        Family = RuleFamily.IPv4,
        Action = InstalledAction.Allow,
        Chain = chain,
        Text = chain,
    };
}
