using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Core.Tests.Firewall;

/// <summary>What each manager says, as it says it. The real ones are asked in RealEgressTests.</summary>
public sealed class OutboundDefaultTests
{
    [Theory]
    [InlineData("policy accept;", "", false)]
    [InlineData("policy drop;", "", true)]
    [InlineData("policy drop;", "accept", false)]
    [InlineData("policy drop;", "ct state established accept", true)]
    [InlineData("policy accept;", "counter packets 3 bytes 180 drop", true)]
    [InlineData("policy accept;", "reject with icmpx admin-prohibited", true)]
    [InlineData("policy accept;", "tcp dport 25 drop", false)]
    public Task Nftables(string policy, string rule, bool denies) => SaysAsync(
        FirewallProvider.Nftables,
        $"table inet filter {{\n chain input {{\n type filter hook input priority 0; policy drop;\n }}\n "
            + $"chain output {{\n type filter hook output priority 0; {policy}\n {rule}\n }}\n}}\n",
        denies);

    [Theory]
    [InlineData("-P OUTPUT ACCEPT\n", false)]
    [InlineData("-P OUTPUT DROP\n-A OUTPUT -p tcp -j ACCEPT\n", true)]
    [InlineData("-P OUTPUT ACCEPT\n-A OUTPUT -j REJECT --reject-with icmp-port-unreachable\n", true)]
    [InlineData("-P OUTPUT DROP\n-A OUTPUT -j ACCEPT\n", false)]
    [InlineData("-P OUTPUT ACCEPT\n-A OUTPUT -j our-own-chain\n", false)]
    public Task Iptables(string listed, bool denies) => SaysAsync(FirewallProvider.Iptables, listed, denies);

    [Theory]
    [InlineData("Status: active\nDefault: deny (incoming), allow (outgoing), disabled (routed)\n", false)]
    [InlineData("Status: active\nDefault: deny (incoming), deny (outgoing), disabled (routed)\n", true)]
    [InlineData("Status: active\nDefault: deny (incoming), reject (outgoing), disabled (routed)\n", true)]
    [InlineData("Status: inactive\n", null)]
    public Task Ufw(string status, bool? denies) => SaysAsync(FirewallProvider.Ufw, status, denies);

    [Theory]
    [InlineData("0\r\n", false)]
    [InlineData("2\r\n", true)]
    [InlineData("Get-NetFirewallProfile : Access is denied.", null)]
    public Task Windows(string said, bool? denies) => SaysAsync(FirewallProvider.NetSecurity, said, denies);

    [Theory]
    [InlineData("Firewallrichtlinie   BlockInbound,AllowOutbound\n", false)]
    [InlineData("Firewall Policy      BlockInbound,BlockOutbound\n", true)]
    [InlineData("nothing of that kind\n", null)]
    public Task Netsh(string said, bool? denies) => SaysAsync(FirewallProvider.Netsh, said, denies);

    [Theory]
    [InlineData("closed (active)\n  priority: -1\n  target: DROP\n  ingress-zones: HOST\n  egress-zones: ANY\n", true)]
    [InlineData("closed\n  priority: -1\n  target: DROP\n  ingress-zones: HOST\n  egress-zones: ANY\n", false)]
    [InlineData("routes (active)\n  target: REJECT\n  ingress-zones: internal\n  egress-zones: ANY\n", false)]
    [InlineData("open (active)\n  target: CONTINUE\n  ingress-zones: HOST\n  egress-zones: ANY\n", false)]
    public void The_policies_of_firewalld_that_deny_what_this_host_sends(string listed, bool denies) =>
        Assert.Equal(denies, OutboundDefault.DenyingPolicies(listed).Count == 1);

    [Fact]
    public async Task Without_a_filter_everything_goes_out_and_without_the_right_to_look_nothing_is_known()
    {
        var outbound = new OutboundDefault(NoTools.RunAsync);

        Assert.False(await outbound.LookAsync(new FirewallOwner(null, "none", true), CancellationToken.None));
        Assert.Null(await outbound.LookAsync(new FirewallOwner(null, "no right", false), CancellationToken.None));
        foreach (FirewallProvider provider in Enum.GetValues<FirewallProvider>())
        {
            Assert.Null(await outbound.LookAsync(new FirewallOwner(provider, "it", true), CancellationToken.None));
        }
    }

    private static async Task SaysAsync(FirewallProvider provider, string said, bool? denies)
    {
        var outbound = new OutboundDefault((_, _, _) => Task.FromResult(new ToolResult(true, 0, said)));

        Assert.Equal(denies, await outbound.LookAsync(new FirewallOwner(provider, "it", true), CancellationToken.None));
    }
}
