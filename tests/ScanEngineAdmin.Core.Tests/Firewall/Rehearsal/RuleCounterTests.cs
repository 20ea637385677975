using System.Net;
using ScanEngineAdmin.Faults.Rulesets;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall.Rehearsal;

/// <summary>Rules of the older iptables, of which only the counters tell that they decide.</summary>
[Trait("Speed", "Slow")]
public sealed class RuleCounterTests(SharedRulesetHost shared) : IClassFixture<SharedRulesetHost>
{
    // The trace does not show rules of iptables-legacy: without its counters nobody knows that one of them denies.
    [Fact, NeedsNamespace("iptables-legacy", "ip6tables-legacy", "nsenter", "timeout")]
    public async Task Rules_are_counted_of_each_family_that_one_copy_is_asked_about_and_after_rules_change()
    {
        RulesetHost host = await shared.LoadAsync(
            "for t in iptables-legacy ip6tables-legacy; do $t -A INPUT -p tcp --dport 40814 -j DROP; done");
        IPAddress[] peers = [IPAddress.Parse("10.77.0.2"), IPAddress.Parse("fd00:77::2")];
        await using FilterRehearsal rehearsal = await FilterRehearsal.OpenAsync(
            host.RunAsync, peers, SocketUser.OfThisProcess, CancellationToken.None);

        async Task AssertDroppedAsync(IPAddress peer, string tool)
        {
            RehearsalAnswer answer = await rehearsal.AskInAsync(peer, 40814, CancellationToken.None);
            Assert.True(answer.Verdict == RehearsalVerdict.Dropped, $"{peer}: {answer.Verdict}: {answer.Reason}");
            Assert.Contains(
                $"{tool} -t filter: -A INPUT -p tcp -m tcp --dport 40814 -j DROP", answer.Reason,
                StringComparison.Ordinal);
        }

        await AssertDroppedAsync(peers[0], "iptables-legacy");
        await AssertDroppedAsync(peers[1], "ip6tables-legacy");
        ToolResult inserted = await rehearsal.RunAsync(
            new ToolCall("iptables-legacy", ["-w", "-I", "INPUT", "-p", "udp", "-j", "DROP"]), CancellationToken.None);
        Assert.True(inserted.Succeeded, inserted.Output);
        await AssertDroppedAsync(peers[0], "iptables-legacy");
        await AssertDroppedAsync(peers[1], "ip6tables-legacy");
    }

    [Theory, NeedsNamespace("iptables-legacy", "nsenter", "timeout")]
    [InlineData("in 10.77.0.2 40814", "INPUT")]
    [InlineData("out 10.77.0.2 40815", "OUTPUT")]
    public async Task What_refuses_is_reached_from_the_chain_of_its_own_way(string question, string chain)
    {
        RulesetHost host = await shared.LoadAsync("iptables-legacy -N no; iptables-legacy -A no -p tcp --dport "
            + $"{question[^5..]} -j REJECT --reject-with tcp-reset; for c in INPUT OUTPUT; do iptables-legacy -A $c -j no; "
            + "done; iptables-legacy -A OUTPUT -p tcp --tcp-flags RST RST -j DROP");
        Question asked = new ReducedCase(string.Empty, string.Empty, false, question).Asked;
        await using FilterRehearsal rehearsal = await FilterRehearsal.OpenAsync(
            host.RunAsync, [asked.Peer], SocketUser.OfThisProcess, CancellationToken.None);

        RehearsalAnswer answer = asked.Flow == RuleFlow.In
            ? await rehearsal.AskInAsync(asked.Peer, asked.Port, CancellationToken.None)
            : await rehearsal.AskOutAsync(asked.Peer, asked.Port, CancellationToken.None);

        Assert.True(answer.IsDenied, $"{answer.Verdict}: {answer.Reason}");
        Assert.Contains("-A no -p tcp", answer.Reason, StringComparison.Ordinal);
        Assert.Equal(
            new FilterChain("ip", "filter", chain, "iptables-legacy") { Hook = chain.ToLowerInvariant() }, answer.DeniedBy);
        Assert.False((await host.TryAsync([asked]))[0]);
    }
}
