using System.Net;
using ScanEngineAdmin.Faults.Rulesets;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Tests.Shared;
using static ScanEngineAdmin.Core.Tests.Firewall.Rehearsal.ReducedCase;

namespace ScanEngineAdmin.Core.Tests.Firewall.Rehearsal;

/// <summary>Filters of which a tool lists less than the kernel has.</summary>
[Trait("Speed", "Slow")]
public sealed class IncompleteListingTests(SharedRulesetHost shared) : IClassFixture<SharedRulesetHost>
{
    [Theory, NeedsNamespace("nsenter", "timeout")]
    [InlineData("ct l3proto ipv4 tcp dport 40814 accept")]
    [InlineData("meta nfproto ipv4 ip saddr 192.0.2.0/24 jump { ct l3proto ipv6 tcp dport 22 drop; }")]
    public Task A_filter_of_which_nft_leaves_a_condition_out_is_not_judged_without_it(string rule) =>
        AssertIncompleteAsync(Chain("drop", "ct state established,related accept; " + rule), "inet filter", "l3proto");

    [Theory, NeedsNamespace("iptables", "nsenter", "timeout")]
    [InlineData("tcp dport '{ 22, 23 }' drop", "transport header")]
    [InlineData("ip saddr 10.77.0.1-10.77.0.5 counter accept", "gte")]
    [InlineData("iif lo counter accept", "meta load iif")]
    [InlineData("tcp window 1 counter drop", "payload load")]
    public Task A_filter_of_which_iptables_leaves_a_condition_out_is_not_judged_without_it(string rule, string what) =>
        AssertIncompleteAsync(
            "iptables -A INPUT -m conntrack --ctstate INVALID -j DROP; nft add rule ip filter INPUT " + rule,
            "ip filter INPUT", what);

    private async Task AssertIncompleteAsync(string load, string chain, string what)
    {
        RulesetHost host = await shared.LoadAsync(load);

        RehearsalException told = await Assert.ThrowsAsync<RehearsalException>(() => FilterRehearsal.OpenAsync(
            host.RunAsync, [IPAddress.Parse("fd00:77::2")], SocketUser.OfThisProcess, CancellationToken.None));

        Assert.Contains(chain, told.Message, StringComparison.Ordinal);
        Assert.Contains(what, told.Message, StringComparison.Ordinal);
    }
}
