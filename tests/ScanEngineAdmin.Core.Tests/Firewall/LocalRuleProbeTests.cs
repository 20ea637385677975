using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall;

public sealed class LocalRuleProbeTests
{
    [NamespaceTheory("iptables")]
    [InlineData(FirewallProvider.Nftables)]
    [InlineData(FirewallProvider.Iptables)]
    public async Task A_real_filter_is_read_as_far_as_it_is_plain(FirewallProvider provider)
    {
        using NetworkNamespace host = NetworkNamespace.Create();
        Assert.Equal(FirewallTestOutcome.Passed, (await LookAsync(host)).Result);
        host.Shell(provider == FirewallProvider.Nftables
            ? "nft 'add table inet filter; add chain inet filter input { type filter hook input priority 0; "
                + "policy drop; }; add rule inet filter input ct state established accept'"
            : "iptables -P INPUT DROP; iptables -A INPUT -m state --state ESTABLISHED -j ACCEPT");
        (FirewallTestOutcome result, string evidence, string recommendation) = await LookAsync(host);

        Assert.Equal(FirewallTestOutcome.Failed, result);
        Assert.Contains("drops by default", evidence, StringComparison.Ordinal);
        Assert.Contains("-WhatIf", recommendation, StringComparison.Ordinal);
        host.Shell(FirewallWriters.For(provider).Open(Sample.Rule(peers: host.Outside.ToString()), "lab-2"));
        (result, evidence, _) = await LookAsync(host);
        // The rule is there; that it fits this peer and comes first is more than a glance can tell.
        Assert.Equal(FirewallTestOutcome.Unknown, result);
        Assert.Contains("40815", evidence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tcp dport 40815 drop", false, FirewallTestOutcome.Failed)]
    [InlineData("tcp dport { 22, 40815 } accept", true, FirewallTestOutcome.Unknown)]
    [InlineData("tcp dport 408 accept", true, FirewallTestOutcome.Failed)]
    [InlineData("tcp dport 22 accept", false, FirewallTestOutcome.Passed)]
    [InlineData("jump services", true, FirewallTestOutcome.Unknown)]
    [InlineData("ip saddr 10.0.0.0/8 drop", false, FirewallTestOutcome.Unknown)]
    public void What_is_not_plain_is_unknown(string rule, bool drops, FirewallTestOutcome expected) =>
        Assert.Equal(expected, LocalRuleProbe.Judge([("inet filter input", drops, [rule])], 40815, "dport").Result);

    [Fact]
    public async Task Without_the_rights_to_read_it_is_unknown_with_the_command_to_find_out()
    {
        (FirewallTestOutcome result, _, string recommendation) = await new LocalRuleProbe(
            static (tool, _, _) => Task.FromResult(new ToolResult(tool == "nft", 1, "Operation not permitted")),
            windows: false).LookAsync(RuleFlow.In, 40815, CancellationToken.None);

        Assert.Equal(FirewallTestOutcome.Unknown, result);
        Assert.Contains("sudo nft list ruleset", recommendation, StringComparison.Ordinal);
    }

    private static Task<(FirewallTestOutcome Result, string Evidence, string Recommendation)> LookAsync(
        NetworkNamespace host) => new LocalRuleProbe(
            (tool, arguments, token) => tool is "nft" or "iptables"
                ? host.ToolAsync(tool, arguments, token)
                : Task.FromResult(ToolResult.Missing),
            windows: false).LookAsync(RuleFlow.In, 40815, CancellationToken.None);
}
