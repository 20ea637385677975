using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Planning;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Tests.Firewall;

public sealed class FirewallPlannerTests
{
    [Fact]
    public void To_reverse_opens_the_console_first_and_closes_the_engine_last()
    {
        FirewallPlan plan = FirewallPlanner.Plan(Sample.ToReverse());

        Assert.Equal([RuleChange.Add, RuleChange.Remove], plan.Rules.Select(r => r.Change));
        Assert.Equal((NodeRole.Console, RuleFlow.In, 40815), Where(plan.Rules[0]));
        Assert.Equal((NodeRole.Engine, RuleFlow.In, 40814), Where(plan.Rules[1]));
        Assert.Equal(["203.0.113.7"], plan.Rules[0].RemoteAddress);
        Assert.Equal(["198.51.100.1"], plan.Rules[1].RemoteAddress);
    }

    [Theory]
    [InlineData(CommunicationDirection.ConsoleToEngine)]
    [InlineData(CommunicationDirection.EngineToConsole)]
    public void A_port_that_moves_is_opened_and_the_old_one_closed(CommunicationDirection direction)
    {
        bool standard = direction == CommunicationDirection.ConsoleToEngine;
        FirewallPlanRequest request = Sample.ToReverse();
        FirewallPlan plan = FirewallPlanner.Plan(request with
        {
            From = direction,
            To = direction,
            Moved = true,
            LeftPort = standard ? 40814 : 40815,
            Console = request.Console with { Port = standard ? 40815 : 50815, DeniesOutbound = standard },
            Engine = request.Engine with { Port = standard ? 50814 : 40814, DeniesOutbound = !standard },
        });

        (NodeRole inside, NodeRole outside, int left, int now) = standard
            ? (NodeRole.Engine, NodeRole.Console, 40814, 50814)
            : (NodeRole.Console, NodeRole.Engine, 40815, 50815);
        Assert.Equivalent(
            new[]
            {
                (RuleChange.Add, inside, RuleFlow.In, now), (RuleChange.Add, outside, RuleFlow.Out, now),
                (RuleChange.Remove, inside, RuleFlow.In, left), (RuleChange.Remove, outside, RuleFlow.Out, left),
            },
            plan.Rules.Select(static r => (r.Change, r.HostRole, r.Flow, r.LocalPort)), strict: true);
        Assert.Equal(RuleChange.Add, plan.Rules[1].Change);
        Assert.All(
            plan.Rules.Where(static r => r.Change == RuleChange.Remove),
            static r => Assert.Contains("after it was moved", r.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public void An_address_that_moves_is_opened_and_no_port_is_closed()
    {
        FirewallPlanRequest request = Sample.ToReverse();
        FirewallPlan plan = FirewallPlanner.Plan(request with
        {
            To = request.From,
            Moved = true,
            Console = request.Console with { DeniesOutbound = true },
        });

        Assert.All(plan.Rules, static r => Assert.Equal(RuleChange.Add, r.Change));
        Assert.Equal(2, plan.Rules.Count);
    }

    [Fact]
    public void The_observed_address_wins_over_the_configured_one_and_the_reason_says_so()
    {
        FirewallPlanRequest request = Sample.ToReverse();
        FirewallPlan plan = FirewallPlanner.Plan(request with
        {
            Engine = request.Engine with { Observed = IPAddress.Parse("::ffff:192.0.2.99") },
        });

        Assert.Equal(["192.0.2.99"], plan.Rules[0].RemoteAddress);
        Assert.Equal(RuleFamily.IPv4, plan.Rules[0].AddressFamily);
        Assert.Contains("last seen at", plan.Rules[0].Reason, StringComparison.Ordinal);
        Assert.Contains("lab-2.example.net", plan.Rules[0].Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.7.0.0/16", "10.7.0.0/16")]
    [InlineData("10.7.0.0/16, 10.9.0.1, 2001:db8::/32", "10.7.0.0/16 10.9.0.1 | 2001:db8::/32")]
    [InlineData("any", " | ")]
    [InlineData("0.0.0.0/0", "")]
    public void An_engine_that_moves_is_let_in_from_where_its_admin_says_and_dialled_where_it_is(
        string allowed, string peers)
    {
        FirewallPlanRequest request = Sample.ToReverse();
        request = request with
        {
            Console = request.Console with { DeniesOutbound = true },
            Engine = request.Engine with
            {
                Observed = IPAddress.Parse("10.7.3.4"),
                AllowFrom = AllowedSources.Read(AllowedSources.Normalize([allowed])),
            },
        };

        FirewallPlan plan = FirewallPlanner.Plan(request);

        FirewallRule[] open = plan.Rules.Where(r => r.Change == RuleChange.Add).ToArray();
        Assert.Equal(peers, string.Join(" | ", open.Select(r => string.Join(' ', r.RemoteAddress))));
        Assert.All(open, r => Assert.Contains("-AllowFrom", r.Reason, StringComparison.Ordinal));
        FirewallRule dials = Assert.Single(plan.Rules, r => r.HostRole == NodeRole.Console && r.Flow == RuleFlow.Out);
        Assert.Equal(["10.7.3.4"], dials.RemoteAddress);
    }

    [Fact]
    public void A_resolved_name_is_recorded_in_the_reason()
    {
        FirewallRule add = FirewallPlanner.Plan(Sample.ToReverse()).Rules[0];

        Assert.Contains("203.0.113.7, which lab-2.example.net resolved to", add.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_any_address_both_families_are_open_to_any_and_the_reason_says_so_plainly()
    {
        FirewallPlanRequest request = Sample.ToReverse();
        FirewallPlan plan = FirewallPlanner.Plan(request with { Engine = request.Engine with { Resolved = [] } });

        FirewallRule[] adds = plan.Rules.Where(r => r.Change == RuleChange.Add).ToArray();
        Assert.Equal([RuleFamily.IPv4, RuleFamily.IPv6], adds.Select(r => r.AddressFamily));
        Assert.All(adds, r => Assert.Empty(r.RemoteAddress));
        Assert.All(adds, r => Assert.Contains("open to ANY source", r.Reason, StringComparison.Ordinal));
        Assert.All(adds, r => Assert.Contains("-Address", r.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public void IPv4_and_IPv6_are_rules_of_their_own()
    {
        FirewallPlanRequest request = Sample.ToReverse();
        FirewallPlan plan = FirewallPlanner.Plan(request with
        {
            Engine = request.Engine with
            {
                Resolved = [IPAddress.Parse("2001:db8::7"), IPAddress.Parse("203.0.113.7")],
            },
        });

        FirewallRule[] adds = plan.Rules.Where(r => r.Change == RuleChange.Add).ToArray();
        Assert.Equal(["203.0.113.7"], adds[0].RemoteAddress);
        Assert.Equal(["2001:db8::7"], adds[1].RemoteAddress);
        Assert.NotEqual(adds[0].RuleId, adds[1].RuleId);
    }

    [Fact]
    public void A_direction_that_is_there_already_gives_only_Keep()
    {
        FirewallPlan plan = FirewallPlanner.Plan(Sample.ToReverse() with
        {
            From = CommunicationDirection.EngineToConsole,
        });

        FirewallRule keep = Assert.Single(plan.Rules);
        Assert.Equal(RuleChange.Keep, keep.Change);
        Assert.Equal((NodeRole.Console, RuleFlow.In, 40815), Where(keep));
        Assert.Empty(keep.Command);
    }

    [Fact]
    public void The_console_port_stays_for_other_engines_while_this_peer_is_removed()
    {
        FirewallPlan plan = FirewallPlanner.Plan(Sample.ToStandard() with
        {
            OtherEngines = [Sample.Other("berlin", "203.0.113.50"), Sample.Other("oslo", "203.0.113.51")],
        });

        FirewallRule keep = Assert.Single(plan.Rules, r => r.Change == RuleChange.Keep);
        Assert.Equal((NodeRole.Console, RuleFlow.In, 40815), Where(keep));
        Assert.Equal(["203.0.113.50", "203.0.113.51"], keep.RemoteAddress);
        Assert.Contains("berlin, oslo", keep.Reason, StringComparison.Ordinal);
        Assert.Single(plan.Rules, r => r.Change == RuleChange.Remove && r.RemoteAddress.Contains("203.0.113.7"));
    }

    [Fact]
    public void Where_rules_have_no_tags_a_neighbour_behind_the_same_address_keeps_the_rule()
    {
        FirewallPlanRequest request = Sample.ToStandard();
        FirewallPlan plan = FirewallPlanner.Plan(request with
        {
            Console = request.Console with { Provider = FirewallProvider.Ufw },
            OtherEngines = [Sample.Other("berlin", "203.0.113.7")],
        });

        Assert.DoesNotContain(plan.Rules, r => r.Change == RuleChange.Remove);
        Assert.Contains(plan.Rules, r => r.Change == RuleChange.Keep
            && r.Reason.Contains("berlin behind the same address", StringComparison.Ordinal));
    }

    [Fact]
    public void The_engine_port_stays_for_its_other_consoles()
    {
        FirewallPlan plan = FirewallPlanner.Plan(Sample.ToReverse() with
        {
            OtherConsoles = [Sample.Other("dr-site", "198.51.100.2") with
            {
                Direction = CommunicationDirection.ConsoleToEngine, Port = 40814,
            }],
        });

        FirewallRule keep = Assert.Single(plan.Rules, r => r.Change == RuleChange.Keep);
        Assert.Equal((NodeRole.Engine, RuleFlow.In, 40814), Where(keep));
        Assert.Contains("other consoles: dr-site", keep.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_that_denies_outbound_gets_an_Out_rule_for_dialling()
    {
        FirewallPlanRequest request = Sample.ToReverse();
        FirewallPlan plan = FirewallPlanner.Plan(request with
        {
            Engine = request.Engine with { DeniesOutbound = true },
        });

        FirewallRule egress = Assert.Single(plan.Rules, r => r.Flow == RuleFlow.Out);
        Assert.Equal((NodeRole.Engine, RuleFlow.Out, 40815), Where(egress));
        Assert.Equal(RuleChange.Add, egress.Change);
        Assert.Equal(["198.51.100.1"], egress.RemoteAddress);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData(false, false)]
    [InlineData(true, false)]
    public void A_plan_says_where_it_is_not_known_whether_the_host_that_dials_denies_outbound(bool? denies, bool says)
    {
        FirewallPlanRequest request = Sample.ToReverse();
        FirewallPlan plan = FirewallPlanner.Plan(request with
        {
            Engine = request.Engine with { DeniesOutbound = denies },
        });

        Assert.Equal(says ? [NodeRole.Engine] : [], plan.OutboundUnknown);
        Assert.Equal(
            says, FirewallPlanText.Render(plan).Contains("-DenyOutbound Engine", StringComparison.Ordinal));
    }

    [Fact]
    public void A_second_plan_has_the_same_ids_and_two_engines_rules_differ()
    {
        FirewallPlanRequest request = Sample.ToReverse();
        FirewallPlan first = FirewallPlanner.Plan(request);
        FirewallPlan again = FirewallPlanner.Plan(request with
        {
            Epoch = 99,
            ChangeId = Guid.NewGuid(),
            EngineName = "renamed",
            Engine = request.Engine with { Observed = IPAddress.Parse("192.0.2.1") },
        });
        FirewallPlan other = FirewallPlanner.Plan(request with { PairingId = Guid.NewGuid() });

        Assert.Equal(first.Rules.Select(r => r.RuleId), again.Rules.Select(r => r.RuleId));
        Assert.Empty(first.Rules.Select(r => r.RuleId).Intersect(other.Rules.Select(r => r.RuleId)));
        Assert.All(first.Rules, r => Assert.Matches("^sea-[0-9a-f]{12}$", r.RuleId));
    }

    [Fact]
    public void A_host_whose_manager_is_unknown_gets_rules_without_commands_and_says_why()
    {
        FirewallPlanRequest request = Sample.ToReverse();
        FirewallRule add = FirewallPlanner.Plan(request with
        {
            Console = request.Console with { Provider = null },
        }).Rules[0];

        Assert.Empty(add.Command);
        Assert.Contains("not known which manager", add.Reason, StringComparison.Ordinal);
    }

    private static (NodeRole Host, RuleFlow Flow, int Port) Where(FirewallRule rule) =>
        (rule.HostRole, rule.Flow, rule.LocalPort);
}
