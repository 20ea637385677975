using ScanEngineAdmin.Faults.Rulesets;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Tests.Shared;
using static ScanEngineAdmin.Core.Tests.Firewall.Rehearsal.ReducedCase;

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
        .. DecidingRuleCases.All,
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
        new("tables and chains that are named like those of a copy", "nft 'table inet sea_rehearsal { chain first_in { type "
            + "filter hook prerouting priority raw; tcp dport 22 drop; }; chain arrived { type filter hook input priority 0; "
            + "policy drop; tcp dport 22 accept; }; }'", false)
        { Decides = "the policy of chain inet sea_rehearsal arrived (drop)" },
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
}
