using System.Net;
using ScanEngineAdmin.Faults.Rulesets;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall.Rehearsal;

/// <summary>A port that is open to a peer that cannot find the host: said beside, and held against a connection.</summary>
[Trait("Speed", "Slow")]
public sealed class NeighbourDiscoveryTests : IDisposable
{
    private const string Tcp = "ct state established,related accept; tcp dport 40814 accept; ";
    private const string Remark = "neighbour discovery of IPv6";

    private readonly RulesetHost _host;

    public NeighbourDiscoveryTests()
    {
        NeedsAttribute.SkipFor(NetworkNamespace.WhyNot("nft"));
        _host = new RulesetHost { Patience = SharedRulesetHost.Patience };
    }

    public static TheoryData<string, bool> Filters() => new()
    {
        { "true", true },
        { ReducedCase.Chain("drop", Tcp), false },
        { ReducedCase.Chain("drop", Tcp + "meta l4proto ipv6-icmp accept"), true },
        { ReducedCase.Chain("drop", Tcp + "icmpv6 type nd-neighbor-solicit accept"), true },
        { ReducedCase.Chain("drop", Tcp + "icmpv6 type nd-neighbor-solicit ip6 daddr ff02::/16 accept"), true },
        { ReducedCase.Chain("drop", Tcp + "icmpv6 type nd-neighbor-solicit ip6 daddr fd00:77::1 accept"), false },
        { ReducedCase.Chain("drop", Tcp + "icmpv6 type nd-neighbor-solicit ip6 saddr fe80::/10 accept"), false },
        { ReducedCase.Chain("accept", "icmpv6 type nd-neighbor-advert drop", "output"), false },
        { ReducedCase.Chain("accept", "icmpv6 type nd-neighbor-solicit drop", "prerouting"), false },
        { Saved("ip6tables-nft"), false },
        { Saved("ip6tables-legacy"), false },
        { Saved("ip6tables-legacy") + "; ip6tables-legacy -A INPUT -p icmpv6 -j ACCEPT", true },
    };

    public void Dispose() => _host.Dispose();

    [Theory, NeedsNamespace("ip6tables", "ip6tables-legacy", "nsenter", "timeout")]
    [MemberData(nameof(Filters))]
    public async Task A_port_is_open_and_it_is_said_whether_a_peer_finds_the_host(string load, bool found)
    {
        ToolResult loaded = await _host.RunAsync("sh", ["-ec", load], CancellationToken.None);
        Assert.True(loaded.Succeeded, loaded.Output);
        var peer = IPAddress.Parse("fd00:77::2");

        foreach (bool tunnels in (bool[])[true, false])
        {
            await using FilterRehearsal rehearsal = await FilterRehearsal.OpenAsync(
                _host.RunAsync, [peer], SocketUser.OfThisProcess, CancellationToken.None, tunnels);
            AssertSaid(await rehearsal.AskInAsync(peer, 40814, CancellationToken.None), found);
            AssertSaid(await rehearsal.AskInAsync(peer, 40814, CancellationToken.None), found);
            AssertSaid(await rehearsal.AskOutAsync(peer, 40815, CancellationToken.None), found);
        }

        Question[] both = [
            new Question(RuleFlow.In, peer, 40814), new Question(RuleFlow.Out, peer, RulesetHost.OutPort)];
        bool[] known = await _host.TryAsync(both, patient: true);
        _host.LetPeerLook();
        bool[] looking = await _host.TryAsync(both, patient: found);

        Assert.Equal((bool[])[true, true], known);
        Assert.Equal((bool[])[found, found], looking);
    }

    [Fact, NeedsNamespace("nsenter", "timeout")]
    public async Task Nothing_is_said_of_it_to_a_peer_of_IPv4_and_of_what_is_denied()
    {
        ToolResult loaded = await _host.RunAsync(
            "sh", ["-ec", ReducedCase.Chain("drop", Tcp)], CancellationToken.None);
        Assert.True(loaded.Succeeded, loaded.Output);
        IPAddress[] peers = [IPAddress.Parse("10.77.0.2"), IPAddress.Parse("fd00:77::2")];
        await using FilterRehearsal rehearsal = await FilterRehearsal.OpenAsync(
            _host.RunAsync, peers, SocketUser.OfThisProcess, CancellationToken.None);

        RehearsalAnswer four = await rehearsal.AskInAsync(peers[0], 40814, CancellationToken.None);
        RehearsalAnswer denied = await rehearsal.AskInAsync(peers[1], 22, CancellationToken.None);

        Assert.Equal((RehearsalVerdict.Open, RehearsalVerdict.Dropped), (four.Verdict, denied.Verdict));
        Assert.Empty(four.Beside);
        Assert.Empty(denied.Beside);
    }

    private static void AssertSaid(RehearsalAnswer answer, bool found)
    {
        Assert.True(answer.Verdict == RehearsalVerdict.Open, $"{answer.Verdict}: {answer.Reason}");
        Assert.True(found == (answer.Beside.Count == 0), answer.Reason);
        Assert.Equal(!found, answer.Reason.Contains($"{RehearsalJudge.Besides}: there is also {Remark}",
            StringComparison.Ordinal));
        Assert.True(found || answer.Reason.Contains('(', StringComparison.Ordinal), answer.Reason);
    }

    private static string Saved(string tool) => $"{tool} -P INPUT DROP; {tool} -A INPUT -m conntrack --ctstate "
        + $"ESTABLISHED -j ACCEPT; {tool} -A INPUT -p tcp --dport 40814 -j ACCEPT";
}
