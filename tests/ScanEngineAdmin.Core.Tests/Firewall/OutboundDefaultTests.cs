using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Core.Tests.Firewall;

/// <summary>What each manager says, as it says it. The real ones are asked in RealEgressTests.</summary>
public sealed class OutboundDefaultTests
{
    [Theory]
    [InlineData("0\r\n", false)]
    [InlineData("2\r\n", true)]
    [InlineData("Get-NetFirewallProfile : Access is denied.", null)]
    public Task NetSecurity_denies_outbound_where_a_profile_does(string said, bool? denies) =>
        SaysAsync(FirewallProvider.NetSecurity, said, denies);

    [Theory]
    [InlineData("Firewallrichtlinie   BlockInbound,AllowOutbound\n", false)]
    [InlineData("Firewall Policy      BlockInbound,BlockOutbound\n", true)]
    [InlineData("nothing of that kind\n", null)]
    public Task Netsh_denies_outbound_where_its_policy_does(string said, bool? denies) =>
        SaysAsync(FirewallProvider.Netsh, said, denies);

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
