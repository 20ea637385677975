using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Tests.Firewall.Applying;

/// <summary>Hosts that let nothing out, really: it is found out, and the plan's rule lets the connection out.</summary>
[Trait("Speed", "Slow")]
public sealed class RealEgressTests
{
    public const string DenyingPolicy = "firewall-cmd --permanent --new-policy closed; "
        + "firewall-cmd --permanent --policy closed --add-ingress-zone HOST; "
        + "firewall-cmd --permanent --policy closed --add-egress-zone ANY; "
        + "firewall-cmd --permanent --policy closed --set-target DROP; firewall-cmd --reload";

    public const string DenyingDirectly =
        $"firewall-cmd --direct --add-rule ipv4 filter OUTPUT 98 {Established}; "
            + "firewall-cmd --direct --add-rule ipv4 filter OUTPUT 99 -j DROP";

    private const string Established = "-m state --state ESTABLISHED -j ACCEPT";
    private static readonly TimeSpan UntilOpen = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan UntilDropped = TimeSpan.FromMilliseconds(700);

    [Fact, NeedsFilter(FilterKind.Nftables)]
    public Task Nftables_with_a_policy_that_drops_lets_out_what_the_plan_says() => LetsOut(
        FilterKind.Nftables,
        "nft 'add rule inet filter output ct state established accept'; "
        + "nft 'chain inet filter output { policy drop; }'");

    [Fact, NeedsFilter(FilterKind.Nftables)]
    public Task Nftables_with_a_last_rule_that_rejects_lets_out_what_the_plan_says() => LetsOut(
        FilterKind.Nftables,
        "nft 'add rule inet filter output ct state established accept'; "
            + "nft 'add rule inet filter output counter reject with icmpx type admin-prohibited'");

    [Fact, NeedsFilter(FilterKind.Iptables)]
    public Task Iptables_lets_out_what_the_plan_says() => LetsOut(
        FilterKind.Iptables, $"iptables -A OUTPUT {Established}; iptables -P OUTPUT DROP");

    [Fact, NeedsFilter(FilterKind.IptablesLegacy)]
    public Task Legacy_iptables_lets_out_what_the_plan_says() => LetsOut(
        FilterKind.IptablesLegacy,
        $"iptables-legacy -A OUTPUT {Established}; iptables-legacy -A OUTPUT -j REJECT");

    [Fact, NeedsFilter(FilterKind.Ufw)]
    public Task Ufw_lets_out_what_the_plan_says() => LetsOut(FilterKind.Ufw, "ufw default deny outgoing");

    [Fact, NeedsFilter(FilterKind.Firewalld)]
    public Task Firewalld_with_direct_rules_lets_out_what_the_plan_says() => LetsOut(
        FilterKind.Firewalld, DenyingDirectly);

    [Fact, NeedsFilter(FilterKind.Firewalld)]
    public Task Firewalld_with_a_policy_and_then_direct_rules_too_lets_out_what_the_plan_says() => LetsOut(
        FilterKind.Firewalld, DenyingPolicy, DenyingDirectly);

    [Fact, NeedsFilter(FilterKind.Nftables)]
    public async Task What_is_asked_about_is_the_peer_that_the_node_dials()
    {
        using var host = new FilterHost(FilterKind.Nftables);
        var reader = new FirewallReader(host.HostTools);
        FirewallOwner owner = await reader.OwnerAsync(CancellationToken.None);
        OutboundWay[] ways = [new(host.Net.Outside, 40814)];

        await host.ShellAsync($"nft add rule inet filter output ip daddr {host.Net.Outside} drop");
        Assert.False(await reader.DeniesOutboundAsync(owner, CancellationToken.None));
        Assert.True(await reader.DeniesOutboundAsync(owner, CancellationToken.None, ways));

        await host.ShellAsync("nft flush chain inet filter output; "
            + "nft add rule inet filter output ct state established accept; "
            + $"nft add rule inet filter output ip daddr {host.Net.Outside} accept; "
            + "nft 'chain inet filter output { policy drop; }'");
        Assert.True(await reader.DeniesOutboundAsync(owner, CancellationToken.None));
        Assert.False(await reader.DeniesOutboundAsync(owner, CancellationToken.None, ways));

        // A rule of this product for that peer is no other answer.
        await host.ShellAsync("nft flush chain inet filter output; "
            + "nft add rule inet filter output ct state established accept");
        await host.ApplyAsync(Wanted.Plan(
            RuleChange.Add, Wanted.Rule(40814, RuleFlow.Out, peers: host.Net.Outside.ToString())));
        Assert.True(await reader.DeniesOutboundAsync(owner, CancellationToken.None, ways));
    }

    private static async Task LetsOut(FilterKind kind, string deny, string? denyToo = null)
    {
        using var host = new FilterHost(kind);
        // This end of the link plays the peer.
        using var listener = new TcpListener(host.Net.Outside, 0);
        listener.Start();
        var there = (IPEndPoint)listener.LocalEndpoint;
        var reader = new FirewallReader(host.HostTools);
        Assert.False(await DeniesAsync(), "the host should let out before");
        Assert.True(await GetsOutAsync(UntilOpen), "the host should let out before");

        await host.ShellAsync(deny);
        Assert.True(await DeniesAsync(), "that the host denies should be found out");
        Assert.False(await GetsOutAsync(UntilDropped), "the host should deny now");
        string before = await host.DumpAsync();

        FirewallRule rule = Wanted.Rule(there.Port, RuleFlow.Out, peers: there.Address.ToString());
        FirewallApplyResult done = (await host.ApplyAsync(Wanted.Plan(RuleChange.Add, rule))).Results.Single();
        Assert.True(FirewallApplyOutcome.Applied == done.Outcome, done.Evidence);
        Assert.True(await GetsOutAsync(UntilOpen), "applying should let out");
        Assert.True(await DeniesAsync(), "a rule of ours is no other default");

        string once = await host.DumpAsync();
        FirewallApplication again = await host.ApplyAsync(Wanted.Plan(RuleChange.Add, rule));
        Assert.Equal(FirewallApplyOutcome.AlreadyPresent, again.Results.Single().Outcome);
        Assert.Equal(once, await host.DumpAsync());
        Assert.All(
            FirewallDrift.Compare(
                [rule], await reader.ReadAsync(host.Provider, [there.Port], CancellationToken.None), host.Provider),
            static row => Assert.Equal("==", row.SideIndicator));

        if (denyToo is not null)
        {
            await host.ShellAsync(denyToo);
            Assert.False(await GetsOutAsync(UntilDropped), "the host should deny in another place as well now");
            FirewallApplyResult more = (await host.ApplyAsync(Wanted.Plan(RuleChange.Add, rule))).Results.Single();
            Assert.True(FirewallApplyOutcome.Applied == more.Outcome, more.Evidence);
            Assert.True(await GetsOutAsync(UntilOpen), "applying should let out of both");
        }

        FirewallApplication gone = await host.ApplyAsync(Wanted.Plan(RuleChange.Remove, rule), Wanted.Committed);
        Assert.Equal(FirewallApplyOutcome.Applied, gone.Results.Single().Outcome);
        Assert.False(await GetsOutAsync(UntilDropped), "removing should close");
        await host.ShellAsync(denyToo?.Replace("--add-", "--remove-", StringComparison.Ordinal) ?? ":");
        Assert.Equal(before, await host.DumpAsync());

        async Task<bool> DeniesAsync() => await reader.DeniesOutboundAsync(
            await reader.OwnerAsync(CancellationToken.None), CancellationToken.None)
            ?? throw new InvalidOperationException("It could not be found out.");

        async Task<bool> GetsOutAsync(TimeSpan within)
        {
            // A socket stays in the namespace it was made in, wherever it is used.
            using Socket socket = host.Net.Make(
                static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
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
}
