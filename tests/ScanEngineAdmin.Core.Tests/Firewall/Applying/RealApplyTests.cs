using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Tests.Firewall.Applying;

/// <summary>The applier against real filters and real connections.</summary>
[Trait("Speed", "Slow")]
public sealed class RealApplyTests
{
    private static readonly TimeSpan UntilOpen = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan UntilDropped = TimeSpan.FromMilliseconds(700);

    [Fact, NeedsFilter(FilterKind.Nftables)]
    public Task Nftables_opens_and_closes() => OpensAndCloses(FilterKind.Nftables);

    [Fact, NeedsFilter(FilterKind.Iptables)]
    public Task Iptables_opens_and_closes() => OpensAndCloses(FilterKind.Iptables);

    [Fact, NeedsFilter(FilterKind.IptablesLegacy)]
    public Task Legacy_iptables_opens_and_closes() => OpensAndCloses(FilterKind.IptablesLegacy);

    [Fact, NeedsFilter(FilterKind.Ufw)]
    public Task Ufw_opens_and_closes() => OpensAndCloses(FilterKind.Ufw);

    [Fact, NeedsFilter(FilterKind.Firewalld)]
    public Task Firewalld_opens_and_closes() => OpensAndCloses(FilterKind.Firewalld);

    [Fact, NeedsFilter(FilterKind.Nftables)]
    public Task Nftables_takes_every_shape_and_follows_a_peer_that_moves() => ShapesAndMoves(FilterKind.Nftables);

    [Fact, NeedsFilter(FilterKind.Iptables)]
    public Task Iptables_takes_every_shape_and_follows_a_peer_that_moves() => ShapesAndMoves(FilterKind.Iptables);

    [Fact, NeedsFilter(FilterKind.IptablesLegacy)]
    public Task Legacy_iptables_takes_every_shape_and_follows_a_peer_that_moves() =>
        ShapesAndMoves(FilterKind.IptablesLegacy);

    [Fact, NeedsFilter(FilterKind.Ufw)]
    public Task Ufw_takes_every_shape_and_follows_a_peer_that_moves() => ShapesAndMoves(FilterKind.Ufw);

    [Fact, NeedsFilter(FilterKind.Firewalld)]
    public Task Firewalld_takes_every_shape_and_follows_a_peer_that_moves() => ShapesAndMoves(FilterKind.Firewalld);

    [Theory, NeedsFilter(FilterKind.Nftables)]
    [InlineData(50815, FirewallApplyOutcome.Applied)]
    [InlineData(40815, FirewallApplyOutcome.Deferred)]
    [InlineData(null, FirewallApplyOutcome.Deferred)]
    public async Task A_port_that_moved_is_closed_where_it_was_when_it_is_not_in_force(
        int? inForce, FirewallApplyOutcome closed)
    {
        using var host = new FilterHost(FilterKind.Nftables);
        string peer = host.Net.Outside.ToString();
        FirewallRule old = Wanted.Rule(40815, peers: peer);
        await host.ApplyAsync(Wanted.Plan(RuleChange.Add, old));
        FirewallPlan plan = Wanted.Plan(RuleChange.Add, Wanted.Rule(50815, peers: peer)) with
        {
            ChangeId = Guid.Empty,
            To = CommunicationDirection.ConsoleToEngine,
            State = ChangeState.Committed,
        };

        FirewallApplication done = await host.ApplyAsync(
            plan with { Rules = [.. plan.Rules, old with { Change = RuleChange.Remove }] },
            new FirewallApplyOptions
            {
                PlanState = _ => Task.FromResult<FirewallPlanState?>(new(7, null, false) { Port = inForce }),
            });

        Assert.Equal([FirewallApplyOutcome.Applied, closed], done.Results.Select(static r => r.Outcome));
    }

    private static async Task OpensAndCloses(FilterKind kind)
    {
        using var host = new FilterHost(kind);
        using TcpListener listener = host.Net.Make(() =>
        {
            var made = new TcpListener(IPAddress.Any, 0);
            made.Start();
            return made;
        });
        var there = new IPEndPoint(host.Net.Inside, ((IPEndPoint)listener.LocalEndpoint).Port);
        FirewallRule rule = Wanted.Rule(there.Port, peers: host.Net.Outside.ToString());
        string before = await host.DumpAsync();
        Assert.False(await Connects(there, UntilDropped), "the host should drop before the rule is there");

        FirewallApplication first = await host.ApplyAsync(Wanted.Plan(RuleChange.Add, rule));
        Assert.Equal(host.Provider, first.Provider);
        Assert.True(FirewallApplyOutcome.Applied == first.Results.Single().Outcome, first.Results[0].Evidence);
        Assert.True(await Connects(there, UntilOpen), "applying should open");
        InstalledFirewallRule found = Assert.Single(await host.OursAsync(there.Port));
        Assert.Equal(
            (rule.RuleId, RuleFlow.In, there.Port, RuleFamily.IPv4, InstalledAction.Allow),
            (found.RuleId, found.Flow, found.Port, found.Family, found.Action));
        Assert.Equal(rule.RemoteAddress, found.RemoteAddress);

        string once = await host.DumpAsync();
        FirewallApplication second = await host.ApplyAsync(Wanted.Plan(RuleChange.Add, rule));
        Assert.Equal(FirewallApplyOutcome.AlreadyPresent, second.Results.Single().Outcome);
        Assert.Equal(once, await host.DumpAsync());

        FirewallPlan remove = Wanted.Plan(RuleChange.Remove, rule);
        FirewallApplyOptions undecided = Wanted.PlanState(6, ChangeState.Proving, false);
        Assert.Equal(
            FirewallApplyOutcome.Deferred, (await host.ApplyAsync(remove, undecided)).Results.Single().Outcome);
        Assert.True(await Connects(there, UntilOpen), "what is deferred stays open");

        FirewallApplyResult gone = (await host.ApplyAsync(remove, Wanted.Committed)).Results.Single();
        Assert.True(FirewallApplyOutcome.Applied == gone.Outcome, gone.Evidence);
        Assert.False(await Connects(there, UntilDropped), "removing should close");
        Assert.Equal(before, await host.DumpAsync());
        Assert.Equal(
            FirewallApplyOutcome.AlreadyAbsent,
            (await host.ApplyAsync(remove, Wanted.Committed)).Results.Single().Outcome);
    }

    private static async Task ShapesAndMoves(FilterKind kind)
    {
        using var host = new FilterHost(kind);

        // A rule for the way out is written where the way out is closed.
        string legacy = kind == FilterKind.IptablesLegacy ? "-legacy" : string.Empty;
        await host.ShellAsync(kind switch
        {
            FilterKind.Nftables => "nft 'add rule inet filter output ct state established accept; "
                + "chain inet filter output { policy drop; }'",
            FilterKind.Iptables or FilterKind.IptablesLegacy =>
                $"ip6tables{legacy} -P INPUT DROP; "
                + $"ip6tables{legacy} -A INPUT -m state --state ESTABLISHED -j ACCEPT; "
                + $"for t in iptables{legacy} ip6tables{legacy}; do "
                + "$t -A OUTPUT -m state --state ESTABLISHED -j ACCEPT; $t -P OUTPUT DROP; done",
            FilterKind.Ufw => "ufw default deny outgoing",
            _ => RealEgressTests.DenyingPolicy,
        });
        string before = await host.DumpAsync();
        FirewallRule[] rules = [
            Wanted.Rule(40815, peers: ["203.0.113.7", "203.0.113.8"]),
            Wanted.Rule(40815, family: RuleFamily.IPv6, peers: "2001:db8::7"),
            Wanted.Rule(40816),
            Wanted.Rule(40817, peers: ["198.51.100.0/25", "203.0.113.7"]),
            Wanted.Rule(40817, family: RuleFamily.IPv6, peers: "2001:db8:7::/48"),
            Wanted.Rule(40816, family: RuleFamily.IPv6),
            Wanted.Rule(40814, RuleFlow.Out, RuleFamily.IPv4, "203.0.113.7"),
            Wanted.Rule(40814, RuleFlow.Out, RuleFamily.IPv6)];
        FirewallApplyOptions options = new() { Provider = host.Provider };
        await Expect(FirewallApplyOutcome.Applied, Wanted.Plan(RuleChange.Add, rules), options);
        string once = await host.DumpAsync();
        await Expect(FirewallApplyOutcome.AlreadyPresent, Wanted.Plan(RuleChange.Add, rules), options);
        Assert.Equal(once, await host.DumpAsync());
        Assert.All(
            FirewallDrift.Compare(
                rules,
                await new FirewallReader(host.HostTools).ReadAsync(
                    host.Provider, [40814, 40815, 40816, 40817], CancellationToken.None), host.Provider),
            static row => Assert.Equal("==", row.SideIndicator));

        FirewallRule[] moved = [
            rules[0] with { RemoteAddress = ["203.0.113.8", "203.0.113.9"] },
            rules[1] with { RemoteAddress = ["2001:db8::9"] },
            rules[3] with { RemoteAddress = ["198.51.100.128/25"] },
            rules[6] with { RemoteAddress = ["203.0.113.9"] }];
        await Expect(FirewallApplyOutcome.Applied, Wanted.Plan(RuleChange.Add, moved), options);
        InstalledFirewallRule[] ours = await host.OursAsync();
        foreach (FirewallRule rule in moved)
        {
            Assert.Equal(rule.RemoteAddress, ours.Where(o => o.RuleId == rule.RuleId)
                .SelectMany(static o => o.RemoteAddress).Order(StringComparer.Ordinal));
        }

        await Expect(
            FirewallApplyOutcome.Applied,
            Wanted.Plan(RuleChange.Remove, [.. moved, rules[2], rules[4], rules[5], rules[7]]),
            Wanted.Committed with { Provider = host.Provider });
        Assert.Equal(before, await host.DumpAsync());

        async Task Expect(FirewallApplyOutcome outcome, FirewallPlan plan, FirewallApplyOptions how)
        {
            FirewallApplication done = await host.ApplyAsync(plan, how);
            Assert.Equal(plan.Rules.Count, done.Results.Count);
            Assert.All(done.Results, r => Assert.True(outcome == r.Outcome, $"{r.Outcome}: {r.Evidence}"));
        }
    }

    internal static async Task<bool> Connects(IPEndPoint there, TimeSpan within)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var bound = new CancellationTokenSource(within);
        try
        {
            await socket.ConnectAsync(there, bound.Token);
            return true;
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            return false;
        }
    }
}
