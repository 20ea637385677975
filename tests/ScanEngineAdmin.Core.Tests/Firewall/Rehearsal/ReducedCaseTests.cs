using System.Diagnostics;
using System.Net;
using ScanEngineAdmin.Faults.Rulesets;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall.Rehearsal;

/// <summary>Filters that a reading of their text got wrong: the kernel's answer, and a connection really
/// made.</summary>
[Trait("Speed", "Slow")]
public sealed class ReducedCaseTests(SharedRulesetHost shared) : IClassFixture<SharedRulesetHost>
{
    private const string Established = "ct state established,related accept; ";
    private const string In4 = "in 10.77.0.2 40814";
    private const string In6 = "in fd00:77::2 40814";
    private const string Out = "out 10.77.0.2 40815";

    private static readonly ReducedCase[] All = [
        new("1 accepted by interface", Chain("drop", Established + "iifname \"eth0\" accept"), true),
        new("1 accepted by a named set", "nft -f - <<'X'\ntable inet filter { set friends { type ipv4_addr; "
            + "elements = { "
            + "10.77.0.2 }; }\nchain input { type filter hook input priority 0; policy drop; ip saddr @friends "
            + "accept; }; }\nX", true),
        new("1 counted connections before the accept",
            Chain("drop", Established + "ct count over 500 drop; tcp dport 40000-41000 "
                + "accept"), true) { Changing = true },
        new("1 out by interface", Chain("drop", Established + "oifname \"eth0\" accept", "output"), true, Out),
        new("2 a drop of another peer", Chain("accept", "ip saddr 198.51.100.7 tcp dport 40814 drop"), true),
        new("2 a drop of another protocol", Chain("accept", "udp dport 40814 drop"), true),
        new("2 a rate that is not reached", Chain(
            "accept", "tcp dport 40814 ct state new limit rate over 100/second drop; tcp dport 40814 accept"), true)
        { Changing = true },
        new("2 a return before the drop", Chain("accept", "ip saddr 10.77.0.0/24 return; tcp dport 40814 drop"), true),
        new("3 a verdict map", Chain("accept", "tcp dport vmap { 40814 : drop, 50000 : accept }"), false),
        new("4 protocols in a verdict map", "nft -f - <<'X'\ntable inet filter { chain tcp_in { accept; }; chain "
            + "udp_in { "
            + "drop; }\nchain input { type filter hook input priority 0; policy drop; meta l4proto vmap { tcp : "
            + "jump tcp_in, "
            + "udp : jump udp_in }; }; }\nX", true),
        new("4 protocols in a map that drops", Chain("accept", "meta l4proto vmap { udp : accept, tcp : drop "
            + "}"), false),
        new("5 a concatenation", Chain("drop", Established + "meta l4proto . th dport { tcp . 40814, udp . 53 } "
            + "accept"), true),
        new("5 a concatenation that drops", Chain("accept", "meta l4proto . th dport { tcp . 40814, udp . 53 } "
            + "drop"), false),
        new("6 a set is filled", "nft -f - <<'X'\ntable inet filter { set seen { type ipv4_addr; flags dynamic; "
            + "timeout 1h; }\n"
            + "chain input { type filter hook input priority 0; tcp dport 40814 add @seen { ip saddr } drop; }; "
            + "}\nX", false),
        new("7 an anonymous chain for others",
            Chain("accept", "ip saddr 198.51.100.0/24 jump { drop; }; tcp dport 40814 accept"), true),
        new("7 an anonymous chain before the drop",
            Chain("accept", "udp dport 53 jump { accept; }; tcp dport 40814 drop"), false),
        new("31 a rule names another interface of the host", "ip link show eth9 || ip link add eth9 type veth; "
            + Chain("drop", Established + "iif \"eth9\" drop; iifname \"eth9\" drop; tcp dport 40814 accept"), true),
        new("30 an answer that leaves from another port", Chain(
            "accept", "tcp sport 40814 tcp sport set 22", "output", "raw"), false),
        new("8 a dormant table", "nft 'add table inet filter { flags dormant; }; add chain inet filter input { "
            + "type filter "
            + "hook input priority 0; policy drop; }'", true),
        new("9 a drop before routing", Chain("accept", "tcp dport 40814 drop", "prerouting", "raw"), false),
        new("9 a drop at the device", "nft 'add table netdev edge; add chain netdev edge in { type filter hook "
            + "ingress device "
            + "\"eth0\" priority 0; }; add rule netdev edge in tcp dport 40814 drop'", false),
        new("9 a redirect into a port that is closed", Nat("tcp dport 40814 accept"), false),
        new("9 a redirect into a port that is open", Nat("tcp dport 22 accept"), true),
        new("9 a drop after routing", Chain("accept", "tcp dport 40815 drop", "postrouting"), false, Out),
        new("9 a drop of route output", "nft 'add table inet filter; add chain inet filter way { type route hook "
            + "output "
            + "priority 0; }; add rule inet filter way tcp dport 40815 drop'", false, Out),
        new("10 untracked", "nft -f - <<'X'\ntable inet filter { chain early { type filter hook prerouting "
            + "priority raw; tcp "
            + "dport 40814 notrack; }\nchain input { type filter hook input priority 0; policy drop; ct state new "
            + "tcp dport "
            + "40814 accept; }; }\nX", false),
        new("11 the other family's protocol", Chain("drop", "ip protocol tcp accept"), false, In6),
        new("11 the other family's header", Chain("drop", "ip6 nexthdr tcp accept"), false),
        new("14 IPv6 where only IPv4 is filtered", "iptables -P INPUT DROP; iptables -A INPUT -p tcp --dport 22 -j "
            + "ACCEPT",
            true, In6),
        new("14 IPv6 alone is filtered", "ip6tables -P INPUT DROP", false, In6),
        new("15 accepted by net", "iptables -P INPUT DROP; iptables -A INPUT -s 10.77.0.0/24 -j ACCEPT", true),
        new("15 accepted by interface", "iptables -P INPUT DROP; iptables -A INPUT -i eth0 -j ACCEPT", true),
        new("15 accepted by range", "iptables -P INPUT DROP; iptables -A INPUT -p tcp --dport 40000:41000 -j "
            + "ACCEPT", true),
        new("15 accepted by a list of ports",
            "iptables -P INPUT DROP; iptables -A INPUT -p tcp -m multiport --dports 22,40814 -j ACCEPT", true),
        new("16 a drop of another peer", "iptables -A INPUT -s 198.51.100.7 -p tcp --dport 40814 -j DROP", true),
        new("16 an accept before the drop",
            "iptables -A INPUT -s 10.77.0.0/24 -j ACCEPT; iptables -A INPUT -p tcp --dport 40814 -j DROP", true),
        new("16 a drop of all other ports", "iptables -A INPUT -p tcp ! --dport 40814 -j DROP", true),
        new("16 a drop by the peer's port", "iptables -A INPUT -p tcp --sport 5 --dport 40814 -j DROP", true),
        new("a drop of all ports that connections come from", Chain("accept", "tcp sport 1024-65535 drop"), false),
        new("a drop of some ports that connections come from", Chain("accept", "tcp sport 32768-40000 drop"), true)
        { Changing = true },
        new("17 the raw table", "iptables -t raw -A PREROUTING -p tcp --dport 40814 -j DROP", false),
        new("17 the nat table", "iptables -t nat -A PREROUTING -p tcp --dport 40814 -j REDIRECT --to-ports 22; "
            + "iptables "
            + "-A INPUT -p tcp --dport 22 -j ACCEPT; iptables -A INPUT -m state --state ESTABLISHED -j ACCEPT; "
            + "iptables -P INPUT DROP", true),
        new("18 native beside iptables", Chain("drop", Established) + "; iptables -A OUTPUT -d 198.51.100.7 -j "
            + "DROP", false),
        new("18 legacy drops and native accepts",
            Chain("accept", "tcp dport 40814 accept") + "; iptables-legacy -A INPUT -p tcp --dport 40814 -j "
                + "DROP", false),
        new("18 only legacy for IPv6", "ip6tables-legacy -P INPUT DROP", false, In6),
        new("19 a log before the drop", Chain("accept", "log prefix \"out: \" drop", "output"), false, Out),
        new("19 a jump to a drop", "nft -f - <<'X'\ntable inet filter { chain no { drop; }\nchain output { type "
            + "filter hook "
            + "output priority 0; jump no; }; }\nX", false, Out),
        new("19 every connection by protocol", Chain("accept", "meta l4proto tcp drop", "output"), false, Out),
        new("19 every interface but one", Chain("accept", "oifname != \"lo\" reject", "output"), false, Out),
        new("19 an interface of iptables", "iptables -A OUTPUT -o eth0 -j DROP", false, Out),
        new("19 a chain of iptables", "iptables -N no; iptables -A no -j DROP; iptables -A OUTPUT -j no", false, Out),
        new("a native table of iptables' name", "nft 'add table ip filter; add chain ip filter input { type filter "
            + "hook input priority 0; policy drop; }; add rule ip filter input tcp dport { 22, 23 } accept'", false),
        new("a native table of iptables' name that accepts", "nft 'add table ip6 filter; add chain ip6 filter input { "
            + "type filter hook input priority 0; policy drop; }; add rule ip6 filter input tcp dport 40814 accept'",
            true, In6),
        new("a native chain beside those of iptables", "nft 'add table ip filter; add chain ip filter input { type "
            + "filter hook input priority 0; policy drop; }'; iptables -A INPUT -p tcp --dport 40814 -j ACCEPT", false),
        new("9 sent to another host", "nft 'add table ip nat; add chain ip nat pre { type nat hook prerouting priority "
            + "dstnat; }; add rule ip nat pre tcp dport 40814 dnat to 198.51.100.9:22'", false),
        new("17 sent to another host", "iptables -t nat -A PREROUTING -p tcp --dport 40814 -j DNAT --to-destination "
            + "198.51.100.9", false),
        new("17 sent to another host by the older iptables", "iptables-legacy -t nat -A PREROUTING -p tcp --dport "
            + "40814 -j DNAT --to-destination 198.51.100.9:22", false),
        new("an ipset", "ipset create friends hash:ip; ipset add friends 10.77.0.2; iptables -P INPUT DROP; "
            + "iptables -A INPUT "
            + "-m set --match-set friends src -j ACCEPT", true),
        .. ((string[])["nft", "legacy"]).SelectMany(Tables),
        new("the first packet passes and the next is refused", "nft 'add table inet filter; add chain inet filter c { "
            + "type filter hook input priority 0; }; add rule inet filter c tcp flags syn tcp dport 40814 accept; add "
            + "rule inet filter c tcp dport 40814 reject with tcp reset'", false) { Decides = "reject with tcp reset" },
        new("the first packet passes and the next is dropped", Chain("drop", "tcp flags syn tcp dport 40814 accept"),
            false) { Decides = "the policy of chain inet filter c (drop)" },
        new("the first packet passes and iptables drops the next", FirstOnly("iptables", "INPUT", "40814"), false)
        { Decides = "INPUT (drop)" },
        new("the first packet passes and the older iptables drops the next",
            FirstOnly("iptables-legacy", "INPUT", "40814"), false)
        { Decides = "iptables-legacy -t filter: :INPUT DROP" },
        new("a chain of the older iptables whose name begins like a denial", "iptables-legacy -N DROPS; "
            + "iptables-legacy -A DROPS -j RETURN; iptables-legacy -A INPUT -j DROPS; iptables-legacy -P INPUT DROP",
            false) { Decides = "iptables-legacy -t filter: :INPUT DROP" },
        new("a text of the older iptables that speaks of a denial", "iptables-legacy -A INPUT -j LOG --log-prefix "
            + "'no -j DROP '; iptables-legacy -P INPUT DROP", false)
        { Decides = "iptables-legacy -t filter: :INPUT DROP" },
        new("the first packet goes out and the next is dropped",
            Chain("drop", "tcp flags syn tcp dport 40815 accept", "output"), false, Out)
        { Decides = "the policy of chain inet filter c (drop)" },
        new("the first packet goes out and the older iptables drops the next",
            FirstOnly("iptables-legacy", "OUTPUT", "40815"), false, Out)
        { Decides = "iptables-legacy -t filter: :OUTPUT DROP" },
        new("a native redirect to a port that is closed",
            Nat("tcp dport 40814 accept"), false) { Decides = "tcp dport 40814 redirect to :22" },
        new("a native drop in mangle", Chain("accept", "tcp dport 40814 drop", "prerouting", "mangle"), false)
        { Decides = "tcp dport 40814 drop" },
        new("one backend accepts and the other drops", "iptables-legacy -P INPUT DROP; iptables-legacy -A INPUT -p "
            + "tcp --dport 40814 -j ACCEPT; iptables-nft -P INPUT DROP; iptables-nft -A INPUT -p tcp --dport 22 -j "
            + "ACCEPT", false) { Decides = "ip filter INPUT (drop)" },
        new("the other backend drops and one accepts", "iptables-nft -P INPUT DROP; iptables-nft -A INPUT -p "
            + "tcp --dport 40814 -j ACCEPT; iptables-legacy -N all; iptables-legacy -A all -j DROP; iptables-legacy "
            + "-A INPUT -j all", false) { Decides = "iptables-legacy -t filter: -A all -j DROP" },
        new("both backends accept", "for b in nft legacy; do iptables-$b -P INPUT DROP; iptables-$b -A INPUT -p "
            + "tcp --dport 40814 -j ACCEPT; done", true),
        new("docker's chains beside a filter", Docker + "; iptables -P INPUT DROP; iptables -A INPUT -p tcp --dport "
            + "40814 -j ACCEPT", true),
        new("a port that docker has published", Docker + "; iptables -t nat -A DOCKER ! -i docker0 -p tcp --dport "
            + "40814 -j DNAT --to-destination 172.17.0.2:80; " + Chain("drop", "tcp dport 40814 accept"), false)
        { Decides = "--to-destination 172.17.0.2:80" },
        new("docker's chains of the older iptables beside native ones", Docker.Replace(
            "iptables", "iptables-legacy", StringComparison.Ordinal) + "; " + Chain("drop", "tcp dport 22 accept"),
            false) { Decides = "the policy of chain inet filter c (drop)" },
        .. UncertainCases.All,
        .. EffectCases.All,
        new("a native table under the names of iptables' own", "nft 'table ip filter { chain INPUT { type filter hook input "
            + "priority 0; policy drop; tcp dport { 22, 23 } accept; }; }'", false)
        { Decides = "the policy of chain ip filter INPUT (drop)" },
        new("a native verdict map under those names", "nft 'table ip6 filter { chain INPUT { type filter hook input priority "
            + "0; tcp dport vmap { 22 : accept, 40814 : drop }; }; }'", false, In6),
        new("a native interface under those names", "nft 'table ip filter { chain INPUT { type filter hook input priority 0; "
            + "iif \"lo\" accept; ip saddr { 10.77.0.8, 10.77.0.9 } drop; }; }'", true),
        new("a native chain of mangle under those names", "nft 'table ip mangle { chain PREROUTING { type filter hook "
            + "prerouting priority mangle; tcp dport { 22, 23 } drop; }; }'", true),
        new("a native way out under those names", "nft 'table ip filter { chain OUTPUT { type filter hook output priority "
            + "0; policy drop; tcp dport { 80, 443 } accept; }; }'", false, Out),
        new("a rule of nft's among those of iptables", "iptables -P INPUT DROP; nft add rule ip filter INPUT ip saddr "
            + "10.77.0.1-10.77.0.5 accept", true),
        new("a rule of iptables that begins with a comment", "iptables -A INPUT -m comment --comment a -m mark --mark 5 -j "
            + "ACCEPT; iptables -A INPUT -s 10.77.0.9 -j DROP; iptables -A INPUT -p tcp --dport 40814 -j DROP", false)
        { Decides = "-A INPUT -p tcp -m tcp --dport 40814 -j DROP" },
        new("a rule of iptables that has a comment only", "iptables -A INPUT -m comment --comment 'deny all' -j DROP", false)
        { Decides = "-A INPUT -m comment --comment \"deny all\" -j DROP" },
        new("devices that are gone", "nft 'add table inet f; add chain inet f c { type filter hook input priority 0; }'\n"
            + "for i in 2 3 4 5 6; do ip -o link show | grep -q \"^$i:\" || { ip link add gone$i index $i type veth peer "
            + "name end$i index 2$i; nft add rule inet f c iif gone$i drop; ip link del gone$i; }; done", true),
        new("a node's own user", Chain("accept", "meta skuid != 0 accept; tcp dport 40815 "
            + "drop", "output"), false, Out)];

    public static TheoryData<ReducedCase> Cases() => new(All);

    [Theory, NeedsNamespace("iptables", "ip6tables", "iptables-legacy", "ip6tables-legacy", "ipset", "nsenter",
        "timeout")]
    [MemberData(nameof(Cases))]
    public async Task The_answer_is_what_really_happens(ReducedCase one)
    {
        RulesetHost host = await shared.LoadAsync(one.Load);

        foreach (bool tunnels in (bool[])[true, false])
        {
            await using FilterRehearsal rehearsal = await FilterRehearsal.OpenAsync(
                host.RunAsync, [one.Asked.Peer], SocketUser.OfThisProcess, CancellationToken.None, tunnels);
            RehearsalAnswer answer = one.Asked.Flow == RuleFlow.In
                ? await rehearsal.AskInAsync(one.Asked.Peer, one.Asked.Port, CancellationToken.None)
                : await rehearsal.AskOutAsync(one.Asked.Peer, one.Asked.Port, CancellationToken.None);

            Assert.True(one.Right.Contains(answer.Verdict), $"{answer.Verdict}: {answer.Reason}");
            Assert.Contains(one.Decides, answer.Reason, StringComparison.Ordinal);
        }

        Assert.Equal([one.Open], await host.TryAsync([one.Asked], patient: one.Open));
    }

    [Fact, NeedsNamespace("nsenter", "timeout")]
    public async Task A_connection_within_the_host_whose_last_packet_is_dropped_is_denied()
    {
        RulesetHost host = await shared.LoadAsync(Chain("drop", "tcp flags syn accept"));
        IPAddress own = IPAddress.Loopback;
        await using FilterRehearsal rehearsal = await FilterRehearsal.OpenAsync(
            host.RunAsync, [own], SocketUser.OfThisProcess, CancellationToken.None);

        RehearsalAnswer answer = await rehearsal.AskInAsync(own, 40814, CancellationToken.None);

        Assert.True(answer.Verdict == RehearsalVerdict.Dropped, $"{answer.Verdict}: {answer.Reason}");
    }

    [Theory, NeedsNamespace("nsenter", "timeout")]
    [InlineData("ct l3proto ipv4 tcp dport 40814 accept")]
    [InlineData("meta nfproto ipv4 ip saddr 192.0.2.0/24 jump { ct l3proto ipv6 tcp dport 22 drop; }")]
    public Task A_filter_of_which_nft_leaves_a_condition_out_is_not_judged_without_it(string rule) =>
        AssertIncompleteAsync(Chain("drop", Established + rule), "inet filter", "l3proto");

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

    [Theory, NeedsNamespace("nsenter", "timeout")]
    [InlineData("\"link\":\"low0\"", "low0", true)]
    [InlineData("\"link\":\"low\"", "low0", false)]
    [InlineData("\"link\":null", "low0\",\"master\":\"eth0", true)]
    public async Task What_an_interface_below_that_of_the_peer_filters_is_not_passed_over(
        string link, string below, bool unknown)
    {
        RulesetHost host = await shared.LoadAsync("true");
        string name = below.Split('"')[0];

        async Task<ToolResult> RunAsync(string tool, IReadOnlyList<string> arguments, CancellationToken token)
        {
            ToolResult said = await host.RunAsync(tool, arguments, token);
            return (tool, string.Join(' ', arguments)) switch
            {
                ("ip", "-j addr show") => said with
                {
                    Output = said.Output.Replace("\"ifname\":\"eth0\"", $"\"ifname\":\"eth0\",{link}",
                        StringComparison.Ordinal).TrimEnd().TrimEnd(']') + $",{{\"ifname\":\"{below}\"}}]",
                },
                ("nft", "list ruleset") => said with
                {
                    Output = said.Output + "table netdev e {\n\tchain c {\n\t\ttype filter hook ingress device "
                        + $"\"{name}\" priority filter; policy accept;\n\t\ttcp dport 40814 drop\n\t}}\n}}\n",
                },
                _ => said,
            };
        }

        async Task<string> AskAsync()
        {
            try
            {
                await using FilterRehearsal rehearsal = await FilterRehearsal.OpenAsync(
                    RunAsync, [IPAddress.Parse("10.77.0.2")], SocketUser.OfThisProcess, CancellationToken.None);
                return (await rehearsal.AskInAsync(IPAddress.Parse("10.77.0.2"), 40814, default)).Reason;
            }
            catch (RehearsalException e)
            {
                return e.Message;
            }
        }

        Assert.Equal(unknown, (await AskAsync()).Contains($"pass {name} first", StringComparison.Ordinal));
    }

    [Fact, NeedsNamespace("nsenter", "timeout")]
    public async Task A_port_is_open_to_every_peer_that_one_copy_is_asked_about()
    {
        RulesetHost host = await shared.LoadAsync("true");
        IPAddress[] peers = [.. Enumerable.Range(100, 100).Select(static i => new IPAddress([10, 77, 0, (byte)i]))];
        await using FilterRehearsal rehearsal = await FilterRehearsal.OpenAsync(
            host.RunAsync, peers, SocketUser.OfThisProcess, CancellationToken.None);

        foreach (IPAddress peer in peers)
        {
            RehearsalAnswer answer = await rehearsal.AskInAsync(peer, 40814, CancellationToken.None);
            Assert.True(answer.Verdict == RehearsalVerdict.Open, $"{peer}: {answer.Verdict}: {answer.Reason}");
        }
    }

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

    // The kernel sends one host few errors a second; a copy asks often.
    [Theory, NeedsNamespace("nsenter", "timeout")]
    [InlineData("10.77.0.2", "tcp dport 40814 reject with icmpx admin-prohibited")]
    [InlineData("fd00:77::2", "tcp dport 40814 reject with icmpx admin-prohibited")]
    [InlineData("fd00:77::2", "tcp sport 1024-40000 reject with icmpx no-route; drop")]
    public async Task A_refusal_is_one_however_often_it_is_asked_for(string from, string rules)
    {
        RulesetHost host = await shared.LoadAsync(Chain("accept", rules));
        IPAddress peer = IPAddress.Parse(from);
        await using FilterRehearsal rehearsal = await FilterRehearsal.OpenAsync(
            host.RunAsync, [peer], SocketUser.OfThisProcess, CancellationToken.None);

        for (int i = 0; i < 20; i++)
        {
            RehearsalAnswer answer = await rehearsal.AskInAsync(peer, 40814, CancellationToken.None);
            Assert.True(answer.Verdict == RehearsalVerdict.Rejected, $"{i}: {answer.Verdict}: {answer.Reason}");
        }
    }

    // The one lock of all programs of iptables on a machine, in whatever namespace.
    [Fact, NeedsNamespace("iptables-legacy", "nsenter", "timeout", "flock", "stat")]
    public async Task A_copy_waits_for_another_program_that_changes_rules_of_iptables()
    {
        const string Lock = "/run/xtables.lock";
        RulesetHost host = await shared.LoadAsync("iptables-legacy -P INPUT DROP");
        using var other = Process.Start(new ProcessStartInfo("flock")
        {
            ArgumentList = { "--exclusive", "--no-fork", Lock, "sh", "-c", $"stat -c %i {Lock}; exec cat" },
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        })!;
        string waiting = $":{await other.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(3))} ";
        IPAddress peer = IPAddress.Parse("10.77.0.2");

        Task<FilterRehearsal> opening = FilterRehearsal.OpenAsync(
            host.RunAsync, [peer], SocketUser.OfThisProcess, CancellationToken.None);
        while (!opening.IsCompleted && !File.ReadLines("/proc/locks").Any(
            line => line.Contains("-> ", StringComparison.Ordinal) && line.Contains(waiting, StringComparison.Ordinal)))
        {
            await Task.Yield();
        }

        other.StandardInput.Close();
        await using FilterRehearsal rehearsal = await opening;
        Assert.Equal(
            RehearsalVerdict.Dropped, (await rehearsal.AskInAsync(peer, 40814, CancellationToken.None)).Verdict);
        await other.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(3));
    }

    internal static string Chain(string policy, string rules, string hook = "input", string priority = "filter") =>
        $"nft 'add table inet filter; add chain inet filter c {{ type filter hook {hook} priority {priority}; policy "
        + $"{policy}; }}'; printf '%s' 'table inet filter {{ chain c {{ {rules}; }}; }}' | nft -f -";

    private static string FirstOnly(string tool, string chain, string port) =>
        $"{tool} -P {chain} DROP; {tool} -A {chain} -p tcp --syn --dport {port} -j ACCEPT";

    // What docker writes for its default bridge, as far as it meets what comes in.
    private const string Docker = "iptables -N DOCKER; iptables -N DOCKER-USER; iptables -A FORWARD -j DOCKER-USER; "
        + "iptables -P FORWARD DROP; iptables -A FORWARD -o docker0 -j DOCKER; iptables -A DOCKER-USER -j RETURN; "
        + "iptables -t nat -N DOCKER; iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER; "
        + "iptables -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE";

    // What decides before the filter does, in the words of the backend that has it.
    private static IEnumerable<ReducedCase> Tables(string backend)
    {
        string tool = "iptables-" + backend;
        const string Port = "-p tcp -m tcp --dport 40814";
        foreach ((string table, string chain) in ((string, string)[])[
            ("raw", "PREROUTING"), ("mangle", "PREROUTING"), ("mangle", "INPUT")])
        {
            yield return new ReducedCase(
                $"{tool}: a drop in {table} {chain}", $"{tool} -t {table} -A {chain} {Port} -j DROP", false)
            { Decides = $"-A {chain} {Port} -j DROP" };
            yield return new ReducedCase(
                $"{tool}: a chain of {table} {chain}, and native rules that accept",
                $"{tool} -t {table} -N no; {tool} -t {table} -A no -j DROP; {tool} -t {table} -A {chain} {Port} -j no; "
                    + Chain("drop", "tcp dport 40814 accept"), false)
            { Decides = "-A no -j DROP" };
        }

        yield return new ReducedCase(
            $"{tool}: a redirect to a port that is closed",
            $"{tool} -t nat -A PREROUTING {Port} -j REDIRECT --to-ports 22; {tool} -P INPUT DROP; "
                + $"{tool} -A INPUT {Port} -j ACCEPT", false)
        { Decides = $"-A PREROUTING {Port} -j REDIRECT --to-ports 22" };
    }

    private static string Nat(string accept) =>
        "nft -f - <<'X'\ntable inet filter { chain nat { type nat hook prerouting priority dstnat; tcp dport 40814 "
            + "redirect to "
        + $":22; }}\nchain input {{ type filter hook input priority 0; policy drop; ct state established accept; "
        + $"{accept}; }}; }}\nX";
}
