using System.Net;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Providers.Nftables;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Tests.Firewall;

public sealed class NftWalkTests
{
    private static readonly IPAddress Peer = IPAddress.Parse("192.0.2.7");

    [Theory]
    [InlineData("policy accept", "", true)]
    [InlineData("policy drop", "", false)]
    [InlineData("policy drop", "ct state established,related accept", false)]
    [InlineData("policy drop", "ip saddr 192.0.2.7 tcp dport 40814 accept", true)]
    [InlineData(
        "policy drop", "ip saddr 192.0.2.0/24 tcp dport { 22, 40814 } counter packets 3 bytes 180 accept", true)]
    [InlineData("policy drop", "ip saddr 192.0.2.8 tcp dport 40814 accept", false)]
    [InlineData("policy drop", "ip6 saddr 2001:db8::7 tcp dport 40814 accept", false)]
    [InlineData("policy drop", "ip saddr != 192.0.2.7 tcp dport 40814 accept", false)]
    [InlineData("policy drop", "tcp dport 40000-41000 accept comment \"drop nothing\"", true)]
    [InlineData("policy drop", "tcp dport 40815 accept", false)]
    [InlineData("policy drop", "udp dport 40814 accept", false)]
    [InlineData("policy drop", "iifname \"lo\" accept", false)]
    [InlineData("policy accept", "tcp dport 40814 ct state new reject with tcp reset", false)]
    [InlineData("policy accept", "tcp flags & (syn | ack) == syn tcp dport 40814 drop", false)]
    [InlineData("policy accept", "tcp flags syn / syn,ack tcp dport 40814 drop", false)]
    [InlineData("policy accept", "ip length > 1280 drop", true)]
    [InlineData("policy drop", "meta l4proto { tcp, udp } accept", true)]
    [InlineData("policy accept", "ct state invalid drop", true)]
    [InlineData("policy accept", "counter packets 9 bytes 540", true)]
    // Not understood, and it would matter: no answer.
    [InlineData("policy drop", "meta mark 7 accept", null)]
    [InlineData("policy accept", "meta mark 7 drop", null)]
    [InlineData("policy drop", "ip saddr @friends tcp dport 40814 accept", null)]
    [InlineData("policy drop", "jump services", null)]
    [InlineData("policy accept", "ct state vmap { invalid : drop, new : jump fresh }", null)]
    [InlineData("policy drop", "limit rate 5/second accept", null)]
    // Not understood, but it could only do what is done anyway.
    [InlineData("policy drop", "meta mark 7 drop", false)]
    [InlineData("policy accept", "meta mark 7 accept", true)]
    public void The_first_packet_is_followed_as_far_as_the_rules_are_understood(
        string policy, string rule, bool? passes) =>
        Assert.Equal(passes, Judge($"{policy};", rule));

    [Fact]
    public void The_first_rule_that_fits_decides_and_every_chain_may_deny()
    {
        Assert.True(Judge("policy drop;", "tcp dport 40814 accept\nip saddr 192.0.2.7 drop"));
        Assert.False(Judge("policy accept;", "ip saddr 192.0.2.7 drop\ntcp dport 40814 accept"));
        NftChain open = new("inet", "a", "input", "input", false, ["tcp dport 40814 accept"]);
        NftChain shut = new("ip", "b", "input", "input", true, []);
        NftChain other = new("ip6", "c", "input", "input", true, []);
        Assert.Equal(FirewallTestOutcome.Failed, NftWalk.Judge([open, shut], RuleFlow.In, Peer, 40814)!.Value.Result);
        Assert.Equal(FirewallTestOutcome.Passed, NftWalk.Judge([open, other], RuleFlow.In, Peer, 40814)!.Value.Result);
    }

    [Fact]
    public void On_the_way_out_the_peer_is_the_destination()
    {
        NftChain chain = new("inet", "a", "output", "output", false, ["ip daddr 192.0.2.7 tcp dport 40814 drop"]);

        Assert.Equal(FirewallTestOutcome.Failed, NftWalk.Judge([chain], RuleFlow.Out, Peer, 40814)!.Value.Result);
        Assert.Equal(
            FirewallTestOutcome.Passed,
            NftWalk.Judge([chain], RuleFlow.Out, IPAddress.Parse("192.0.2.8"), 40814)!.Value.Result);
    }

    private static bool? Judge(string policy, string rules) => NftWalk.Judge(
        NftChain.Read($"table inet host {{\n chain input {{\n type filter hook input priority filter; {policy}\n"
            + $"{rules}\n }}\n}}\n"),
        RuleFlow.In, Peer, 40814)?.Result switch
    {
        FirewallTestOutcome.Passed => true,
        FirewallTestOutcome.Failed => false,
        _ => null,
    };
}
