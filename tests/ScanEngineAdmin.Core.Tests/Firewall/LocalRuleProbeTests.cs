using System.Net;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Faults.Rulesets;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall;

[Trait("Speed", "Slow")]
public sealed class LocalRuleProbeTests
{
    [Theory, NeedsNamespace("iptables", "nsenter", "timeout")]
    [InlineData("nft 'add table inet filter; add chain inet filter input { type filter hook input priority 0; "
        + "policy drop; }; add rule inet filter input ct state established accept'", "inet filter input", "nft insert "
        + "rule inet filter input ip saddr 10.77.0.2 tcp dport 40814 accept")]
    [InlineData("iptables -P INPUT DROP; iptables -A INPUT -m state --state ESTABLISHED -j ACCEPT", "ip filter INPUT",
        "iptables -I INPUT -s 10.77.0.2 -p tcp --dport 40814 -j ACCEPT")]
    public async Task What_a_real_filter_does_is_said_with_the_rule_that_decides(
        string deny, string chain, string allow)
    {
        using var host = new RulesetHost();
        Assert.Equal(FirewallTestOutcome.Passed, (await LookAsync(host, RulesetHost.Peers[0])).Result);

        await host.RunAsync("sh", ["-c", deny], CancellationToken.None);
        (FirewallTestOutcome result, string evidence, string recommendation) =
            await LookAsync(host, RulesetHost.Peers[0]);

        Assert.Equal(FirewallTestOutcome.Failed, result);
        Assert.Contains($"the policy of chain {chain} (drop)", evidence, StringComparison.Ordinal);
        Assert.Contains("-WhatIf", recommendation, StringComparison.Ordinal);
        await host.RunAsync("sh", ["-c", allow], CancellationToken.None);
        (result, evidence, _) = await LookAsync(host, RulesetHost.Peers[0]);
        Assert.Equal(FirewallTestOutcome.Passed, result);
        Assert.Contains("40814", evidence, StringComparison.Ordinal);
        Assert.Equal(FirewallTestOutcome.Failed, (await LookAsync(host, RulesetHost.Peers[1])).Result);

        // Of no peer in particular: iptables alone says nothing of IPv6.
        (result, evidence, _) = await LookAsync(host, null);
        Assert.NotEqual(FirewallTestOutcome.Passed, result);
        Assert.Contains("any IPv4 address", evidence, StringComparison.Ordinal);
        Assert.DoesNotContain(
            AnyPeer.Samples, peer => evidence.Contains(peer.ToString(), StringComparison.Ordinal));
    }

    [Fact, NeedsNamespace("nsenter", "timeout")]
    public async Task A_block_and_any_address_are_named_and_not_the_address_that_stands_for_them()
    {
        using var host = new RulesetHost();
        (_, string evidence, _) = await new LocalRuleProbe(host.RunAsync, windows: false, SocketUser.OfThisProcess)
            .LookAsync(RuleFlow.In, 40814, CancellationToken.None, PeerAddresses.Sample("10.77.0.0/24"), "10.77.0.0/24");

        Assert.StartsWith("TCP 40814 from 10.77.0.0/24: ", evidence, StringComparison.Ordinal);
        (FirewallTestOutcome result, evidence, _) = await LookAsync(host, null);
        Assert.Equal(FirewallTestOutcome.Passed, result);
        Assert.StartsWith("TCP 40814 from any IPv4 address: ", evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_rights_to_read_it_is_unknown_with_the_command_to_find_out()
    {
        (FirewallTestOutcome result, _, string recommendation) = await new LocalRuleProbe(
            static (tool, _, _) => Task.FromResult(new ToolResult(tool == "nft", 1, "Operation not permitted")),
            windows: false).LookAsync(RuleFlow.In, 40815, CancellationToken.None);

        Assert.Equal(FirewallTestOutcome.Unknown, result);
        Assert.Contains("sudo nft list ruleset", recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Windows_is_unknown_with_the_command_to_look()
    {
        (FirewallTestOutcome result, _, string recommendation) = await new LocalRuleProbe(
            static (tool, _, _) => throw new InvalidOperationException(tool), windows: true)
            .LookAsync(RuleFlow.In, 40815, CancellationToken.None);

        Assert.Equal(FirewallTestOutcome.Unknown, result);
        Assert.Contains("Get-NetFirewallRule", recommendation, StringComparison.Ordinal);
    }

    private static Task<(FirewallTestOutcome Result, string Evidence, string Recommendation)> LookAsync(
        RulesetHost host, IPAddress? peer) => new LocalRuleProbe(
            host.RunAsync, windows: false, SocketUser.OfThisProcess)
            .LookAsync(RuleFlow.In, 40814, CancellationToken.None, peer);
}
