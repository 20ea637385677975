using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Core.Tests.Firewall.Applying;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Tests.Firewall.Requests;

/// <summary>
/// A node that may not look at its host's filter asks the applier: for its pairings' own ways, and for nothing else.
/// </summary>
public sealed class ApplierLookTests
{
    [Theory, NeedsFilter(FilterKind.Nftables, "nsenter", "timeout")]
    [InlineData(NodeRole.Console, RuleFlow.In)]
    [InlineData(NodeRole.Console, RuleFlow.Out)]
    [InlineData(NodeRole.Engine, RuleFlow.In)]
    [InlineData(NodeRole.Engine, RuleFlow.Out)]
    public async Task The_applier_says_what_the_filter_does_with_a_pairings_way(NodeRole role, RuleFlow flow)
    {
        using var filter = new FilterHost(FilterKind.Nftables);
        using var host = new ApplierFixture(role, filter);
        bool console = role == NodeRole.Console;
        bool reverse = console == (flow == RuleFlow.In);
        int port = reverse ? WellKnownPorts.Console : WellKnownPorts.Engine;
        Guid pairing = host.Pair(reverse ? ApplierFixture.Reverse : ApplierFixture.Standard, "203.0.113.7");
        if (flow == RuleFlow.Out)
        {
            await filter.ShellAsync("nft 'add rule inet filter output ct state established accept; "
                + "chain inet filter output { policy drop; }'");
        }

        await using FirewallApplierService applier = await host.StartAsync();
        string before = await filter.DumpAsync();

        Assert.Equal(FirewallTestOutcome.Failed, (await LookAsync(pairing))?.Result);
        Assert.Contains("policy", (await LookAsync(pairing))?.Evidence, StringComparison.Ordinal);
        Assert.Equal(before, await filter.DumpAsync());
        Assert.DoesNotContain(host.Store.ListEvents(100), static e => e.Event.StartsWith(
            "Firewall", StringComparison.Ordinal));

        Guid other = host.Pair(reverse ? ApplierFixture.Reverse : ApplierFixture.Standard, "203.0.113.8");
        await filter.ShellAsync(flow == RuleFlow.In
            ? "nft insert rule inet filter input ip saddr 203.0.113.8 accept"
            : "nft insert rule inet filter output ip daddr 203.0.113.8 accept");
        Assert.Equal(FirewallTestOutcome.Passed, (await LookAsync(other))?.Result);

        // Another port than the pairing's own, and no pairing at all.
        Assert.Null(await LookAsync(other, 22));
        Assert.Null(await LookAsync(Guid.NewGuid()));

        Task<(FirewallTestOutcome Result, string Evidence, string Recommendation)?> LookAsync(
            Guid of, int? at = null) => host.Client.LookAsync(
                role, of, flow, at ?? port, RuleFamily.IPv4, CancellationToken.None);
    }

    [Fact, NeedsFilter(FilterKind.Nftables)]
    public async Task Without_an_applier_nobody_waits()
    {
        using var filter = new FilterHost(FilterKind.Nftables);
        using var host = new ApplierFixture(NodeRole.Console, filter);
        Guid pairing = host.Pair(ApplierFixture.Reverse);

        Assert.Null(await host.Client.LookAsync(
            NodeRole.Console, pairing, RuleFlow.In, WellKnownPorts.Console, RuleFamily.IPv4, CancellationToken.None));
        Assert.Null(host.Store.GetFirewallRequest(pairing));
    }
}
