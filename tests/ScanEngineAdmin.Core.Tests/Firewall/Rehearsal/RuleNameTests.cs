using System.Net;
using ScanEngineAdmin.Faults.Rulesets;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall.Rehearsal;

/// <summary>Names and texts within rules, which do nothing.</summary>
[Trait("Speed", "Slow")]
public sealed class RuleNameTests(SharedRulesetHost shared) : IClassFixture<SharedRulesetHost>
{
    [Theory]
    [InlineData("tcp dport 40814 counter dnat ip to 10.0.0.9:22", true)]
    [InlineData("tcp dport 40814 redirect to :22", true)]
    [InlineData("tcp dport 40814 counter xt target TPROXY", true)]
    [InlineData("log prefix \"a\" counter xt target \"DNAT\"", true)]
    [InlineData("tcp dport 40814 jump dnat.in", false)]
    [InlineData("log prefix \"no redirect \"", false)]
    [InlineData("ip daddr @dnat.peers accept", false)]
    [InlineData("ct status dnat accept", false)]
    public void A_rule_leads_elsewhere_by_what_it_does(string rule, bool does) =>
        Assert.Equal(does, RehearsalJudge.Translates(rule));

    [Fact, NeedsNamespace("nsenter", "timeout")]
    public async Task A_name_or_a_text_leads_no_packet_elsewhere()
    {
        RulesetHost host = await shared.LoadAsync(
            "nft 'table inet f { chain dnat.in { log prefix \"no redirect \" ; } ; chain c { "
            + "type filter hook input priority 0 ; policy drop ; jump dnat.in ; } ; }'");
        IPAddress peer = IPAddress.Parse("10.77.0.2");
        await using FilterRehearsal rehearsal = await FilterRehearsal.OpenAsync(
            host.RunAsync, [peer], SocketUser.OfThisProcess, CancellationToken.None);

        RehearsalAnswer answer = await rehearsal.AskInAsync(peer, 40814, CancellationToken.None);

        Assert.Equal("dropped by the policy of chain inet f c (drop).", answer.Reason);
    }
}
