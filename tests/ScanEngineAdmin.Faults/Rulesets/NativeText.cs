using System.Text;

namespace ScanEngineAdmin.Faults.Rulesets;

/// <summary>A generated rule set of nftables.</summary>
internal sealed class NativeText(Random random)
{
    private static readonly string[] Protocols =
        ["tcp", "udp", "l4proto", "th dport", "ip protocol", "ip6 nexthdr", "ip saddr .", "ip daddr .", "exthdr"];

    private static readonly (string Hook, string[] Priorities)[] Hooks = [
        ("prerouting", ["raw", "mangle", "-10", "-300", "-301"]),
        ("input", ["filter", "filter", "filter", "mangle", "10", "-5"]),
        ("input", ["filter", "security", "2147483000"]), ("forward", ["filter"]),
        ("output", ["filter", "filter", "raw", "20"]), ("postrouting", ["mangle", "50"])];

    public string Make()
    {
        var text = new StringBuilder();
        int tables = random.Pick(1, 1, 1, 2, 2, 3);
        for (int i = 0; i < tables; i++)
        {
            text.Append(Table(
                random.Pick("inet", "inet", "inet", "ip", "ip6"),
                random.Next(4) > 0 ? $"t{i}" : $"t{i}.x/y_z"));
        }

        if (random.Next(12) == 0)
        {
            text.Append("table netdev edge {\n chain in { type filter hook ingress device \"eth0\" priority 0; "
                + $"policy accept; {Condition("netdev", "ingress")} {random.Pick("drop", "accept", "counter")};\n "
                + "}\n}\n");
        }

        if (random.Next(14) == 0)
        {
            text.Append("table netdev last {\n chain out { type filter hook egress device \"eth0\" priority 0; "
                + $"policy accept; {random.Pick("tcp dport 40815", "tcp sport 40814", "tcp sport 22", "udp dport 53")} "
                + "drop;\n }\n}\n");
        }

        if (random.Next(12) == 0)
        {
            text.Append("table arp guard {\n chain input { type filter hook input priority 0; policy drop; }\n}\n");
        }

        if (random.Next(14) == 0)
        {
            text.Append("table netdev gate {\n chain in { type filter hook ingress devices = { eth0, lo } "
                + $"priority -500; policy accept; {Condition("netdev", "ingress")} {random.Pick("drop", "accept")};\n }}\n}}\n");
        }

        if (random.Next(14) == 0)
        {
            text.Append("table bridge span {\n chain input { type filter hook input priority -200; policy drop; "
                + "}\n}\n");
        }

        return text.ToString();
    }

    private string Table(string family, string name)
    {
        var text = new StringBuilder($"table {family} {name} {{\n");
        if (random.Next(15) == 0)
        {
            text.Append(" flags dormant;\n");
        }

        text.Append($" set ports {{ type inet_service; flags interval; elements = {{ "
            + $"{random.Pick("22", "40814", "22, 40000-41000", "80")} }}; }}\n"
            + " set wall { type ifname; elements = { \"eth0\", \"lo\" }; }\n"
            + " counter hits { }\n limit few { rate 5/minute; }\n quota much { over 100 mbytes; }\n"
            + " map marks { type inet_service : mark; elements = { 22 : 0x2, 40814 : 0x1 }; }\n"
            + " set seen { type ipv4_addr; flags dynamic; timeout 1h; }\n"
            + " set paced { type ipv4_addr; limit rate 5/minute; elements = { 10.77.0.2, 10.77.0.9 }; }\n"
            + " set friends { type ipv4_addr; flags interval; elements = { "
            + random.Pick("10.77.0.2", "10.77.0.0/24", "10.77.0.8-10.77.0.10", "192.0.2.0/24") + " }; }\n"
            + " set pairs { type ipv4_addr . inet_service; flags interval; elements = { "
            + random.Pick("10.77.0.0/30 . 40000-41000", "10.77.0.2 . 22, 10.77.0.9 . 40814-40815") + " }; }\n"
            + " map spans { type inet_service : verdict; flags interval; elements = { 1-1023 : "
            + random.Pick("accept", "drop", "jump deep") + ", 40000-41000 : " + random.Pick("accept", "jump deep")
            + " }; }\n"
            + " set six { type ipv6_addr; flags interval; elements = { "
            + random.Pick("fd00:77::2", "fd00:77::/64", "2001:db8::/32") + " }; }\n"
            + " map ways { type inet_service : verdict; elements = { 22 : "
            + random.Pick("accept", "drop", "jump side") + ", 40814 : " + random.Pick("accept", "drop", "jump "
            + "side") + " }; }\n"
            + $" chain deep {{\n{Rules(family, "input", 2, ["accept", "drop", "return"])} }}\n"
            + " chain side {\n"
            + Rules(family, "input", 3, ["accept", "drop", "return", "jump deep", "goto deep"]) + " }\n");
        int chains = random.Next(1, 4);
        for (int i = 0; i < chains; i++)
        {
            (string hook, string[] priorities) = random.Pick(Hooks.AsSpan());
            string policy = random.Pick("accept", "accept", "drop");
            if (hook is "prerouting" or "postrouting")
            {
                policy = "accept";
            }

            string state = random.Next(10) < (hook == "output" ? 9 : 7)
                ? "  " + random.Pick(
                    "ct state established,related accept",
                    "ct state vmap { established : accept, related : accept, invalid : drop }",
                    "ct state { established, related } counter accept") + "\n"
                : string.Empty;
            text.Append($" chain c{i} {{\n  type filter hook {hook} priority {random.Pick(priorities.AsSpan())}; "
                + $"policy {policy};\n{state}{Rules(family, hook, 6, Verdicts(hook))} }}\n");
        }

        if (random.Next(12) == 0)
        {
            text.Append(" chain nat2 {\n" + random.Pick(
                "  type nat hook postrouting priority srcnat; policy accept;\n  oifname \"eth0\" masquerade\n",
                "  type nat hook input priority 100; policy accept;\n  tcp dport 40814 drop\n",
                "  type nat hook input priority 100; policy drop;\n  tcp dport 22 accept\n",
                "  type nat hook postrouting priority srcnat; policy accept;\n  tcp dport 40815 drop\n",
                $"  type nat hook output priority -100; policy accept;\n  {Condition(family, "output")} counter\n")
                + " }\n");
        }

        if (random.Next(5) == 0)
        {
            text.Append($" chain edge {{\n{Edge(family)}\n }}\n");
        }

        if (family != "ip6" && random.Next(14) == 0)
        {
            text.Append(" ct helper ftp {\n  type \"ftp\" protocol tcp; l3proto ip;\n }\n chain help {\n"
                + "  type filter hook prerouting priority 0; policy accept;\n"
                + "  tcp dport 40814 ct helper set \"ftp\"\n }\n chain helped {\n  type filter hook input priority -1; policy accept;\n"
                + $"  ct helper \"ftp\" {random.Pick("drop", "accept", "ct state new drop")}\n }}\n");
        }

        if (random.Next(14) == 0)
        {
            text.Append(" chain zone {\n  type filter hook prerouting priority raw; policy accept;\n"
                + $"  {random.Pick("ct zone set 7", "ct original zone set 7", "ct zone set 7 ct mark set 0x1")}\n }}\n");
        }

        if (family == "inet" && random.Next(14) == 0)
        {
            text.Append(" chain first {\n  type filter hook ingress device \"eth0\" priority -300; policy accept;\n"
                + $"  {Condition("netdev", "ingress")} {random.Pick("drop", "accept", "meta mark set 0x1")}\n }}\n");
        }

        if (random.Next(8) == 0)
        {
            text.Append($" chain nat {{\n  type nat hook prerouting priority dstnat; policy accept;\n  "
                + $"{WithoutProtocol(family)} tcp dport {random.Pick("40814", "22")} "
                + $"redirect to :{random.Pick("22", "8080")}\n }}\n");
        }

        return text.Append("}\n").ToString();
    }

    // Chains where the kernel has hooks of its own, and rules that change what later ones see.
    private string Edge(string family) => random.Pick(
        "  type filter hook prerouting priority -200; policy accept;\n  "
            + $"{random.Pick("ct state invalid", "ct state new", "tcp dport 40814")} {random.Pick("drop", "accept", "ct mark set 0x1")}",
        "  type filter hook prerouting priority -100; policy accept;\n  "
            + $"{random.Pick("tcp dport 40814", "tcp dport 22", "ct status dnat")} {random.Pick("drop", "counter", "meta mark set 0x1")}",
        "  type filter hook input priority 2147483647; policy accept;\n  "
            + $"{random.Pick("ct status confirmed", "tcp dport 22", "meta mark 0x1")} {random.Pick("drop", "counter")}",
        "  type filter hook postrouting priority 2147483647; policy accept;\n  tcp sport 22 "
            + random.Pick("drop", "counter", "ct status confirmed drop"),
        "  type filter hook prerouting priority -150; policy accept;\n  tcp dport 40814 tcp dport set 22",
        $"  type filter hook prerouting priority -150; policy accept;\n  {(family == "ip6" ? "ip6 dscp set cs1"
            : random.Pick("ip dscp set cs1", "ip ttl set 3"))}",
        "  type filter hook prerouting priority -150; policy accept;\n  tcp dport 40814 "
            + $"{random.Pick("meta mark set 0x1", "ct label set 1", "reset tcp option sack-perm")}",
        "  type filter hook prerouting priority mangle; policy accept;\n  meta l4proto tcp tcp dport 40814 "
            + "tproxy to :8080 meta mark set 0x1",
        "  type filter hook prerouting priority mangle; policy accept;\n  tcp dport 40814 "
            + $"socket {random.Pick("transparent 0", "wildcard 1")} {random.Pick("drop", "meta mark set 0x1")}",
        "  type filter hook input priority 1; policy accept;\n  tcp dport 40814 "
            + $"{random.Pick("osf name \"Linux\"", "osf name \"unknown\"")} {random.Pick("drop", "accept")}",
        "  type filter hook input priority 1; policy accept;\n  ct state invalid,untracked tcp dport 40814 "
            + "synproxy mss 1460 wscale 7 timestamp sack-perm",
        "  type route hook output priority mangle; policy accept;\n  meta mark set 0x1");

    // As people write them.
    private string Remark() => random.Next(12) > 0 ? string.Empty : random.Pick(
        " comment \"drop all { of } it; accept\"", " comment \"Grüße ☃ table ip x\"",
        " comment \"it's # here \\\"", " comment \"meta mark set 1\"");

    private string Rejection(string family) => family switch
    {
        "inet" => $"reject with icmpx {random.Pick("admin-prohibited", "no-route", "host-unreachable")}",
        "ip" => $"reject with icmp {random.Pick("host-prohibited", "net-unreachable", "admin-prohibited")}",
        _ => $"reject with icmpv6 {random.Pick("addr-unreachable", "admin-prohibited", "no-route")}",
    };

    private static string[] Verdicts(string hook) => hook switch
    {
        "prerouting" => ["accept", "drop", "jump side", "notrack", "meta mark set 0x1", "counter"],
        "postrouting" => ["accept", "drop", "jump deep", "counter"],
        _ => ["accept", "accept", "drop", "reject", "reject with tcp reset", "jump side", "goto side", "jump deep",
            "return", "counter", "meta mark set 0x1", "jump { tcp dport 40814 accept; }", "log prefix \"drop: \"",
            "counter name hits", "meta mark set tcp dport map @marks", "ct mark set 0x1",
            "add @seen { ip saddr } accept", "log group 5", "jump { ip saddr 10.77.0.9 return; accept; }",
            "ct mark set ct mark | 0x2", "meta priority set 1:1", "reject with its reason",
            "log prefix \"a{b}; accept # '\" level debug", "meter few { ip saddr limit rate over 100/second } drop",
            "jump { limit rate 5/minute accept; }", "goto { counter; tcp dport 40814 drop; }",
            "jump { numgen random mod 2 0 drop; }", "jump { ip saddr @seen drop; }"],
    };

    private string Rules(string family, string hook, int most, string[] verdicts)
    {
        var text = new StringBuilder();
        int count = random.Next(1, most + 1);
        for (int i = 0; i < count; i++)
        {
            if (random.Next(8) == 0 && hook is "input" && most > 3)
            {
                text.Append("  ").Append(Map(family)).Append('\n');
                continue;
            }

            string verdict = random.Pick(verdicts.AsSpan());
            verdict = verdict == "reject with its reason" ? Rejection(family) : verdict;
            int conditions = random.Pick(0, 1, 1, 1, 2, 2, 3);
            string of = family == "inet" ? random.Pick("ip", "ip", "ip6", "both", "both") : family;
            string[] what = [.. Enumerable.Range(0, conditions).Select(_ => Condition(of, hook)).Distinct()];
            if (conditions == 0 && (verdict is "accept" or "drop" or "notrack"
                    || verdict.StartsWith("reject", StringComparison.Ordinal))
                && random.Next(3) > 0)
            {
                what = [Condition(of, hook)];
            }

            // Not even nft takes two protocols in one rule.
            what = [.. what.Where((w, at) => !Protocols.Any(k => w.Contains(k, StringComparison.Ordinal))
                || !what[..at].Any(o => Protocols.Any(k => o.Contains(k, StringComparison.Ordinal))))];
            if (what.Any(static w => w.Contains("udp", StringComparison.Ordinal)
                || w.Contains("version", StringComparison.Ordinal)) || of is "ip6")
            {
                verdict = verdict is "reject with tcp reset" || verdict.StartsWith("add @", StringComparison.Ordinal)
                    || verdict.EndsWith('}')
                    || verdict.StartsWith("meter", StringComparison.Ordinal)
                    || verdict.StartsWith("meta mark set tcp", StringComparison.Ordinal) ? "drop" : verdict;
            }

            if (verdict == "reject with tcp reset" && !what.Any(w => Protocols.Any(
                k => w.Contains(k, StringComparison.Ordinal))))
            {
                what = [.. what, "meta l4proto tcp"];
            }

            string rate = random.Next(25) == 0 && of != "ip6"
                ? random.Pick("limit rate 5/minute ", "limit rate over 100/second ", "ct count over 50 ", "ip ttl "
                    + "< 64 ",
                    "meta hour \"00:00\"-\"12:00\" ", "ip saddr @seen ", "limit name few ", "quota name much ",
                    "numgen random mod 4 0 ", "symhash mod 2 0 ", "quota 100 mbytes ", "ip saddr @paced ")
                : string.Empty;
            text.Append($"  {string.Join(' ', what)} {rate}{verdict}{Remark()}\n");
        }

        return text.ToString();
    }

    // A redirection needs the protocol, and nft does not take two in one rule.
    private string WithoutProtocol(string family)
    {
        string found;
        do
        {
            found = Condition(family, "prerouting");
        }
        while (Protocols.Any(p => found.Contains(p, StringComparison.Ordinal)));

        return found;
    }

    private string Map(string family) => random.Pick(
        "tcp dport vmap @ways", "tcp dport vmap @spans",
        $"iifname . tcp dport vmap {{ \"eth0\" . 40814 : {Verdict()}, \"lo\" . 22 : accept }}",
        $"meta mark vmap {{ 0x0 : {Verdict()}, 0x1 : {Verdict()} }}",
        $"tcp dport vmap {{ 40814 : {Verdict()}, 50000 : accept }}",
        $"meta l4proto vmap {{ tcp : {Verdict()}, udp : accept }}",
        "iifname vmap { \"eth0\" : jump side, \"lo\" : accept }",
        family == "ip6" ? "ip6 saddr vmap { fd00:77::2 : " + Verdict() + " }" : "ip saddr vmap { 10.77.0.2 "
            + ": " + Verdict() + ", 10.77.0.9 : accept }",
        "meta l4proto . th dport vmap { tcp . 40814 : " + Verdict() + ", udp . 53 : accept }");

    private string Verdict() => random.Pick("accept", "drop", "jump side", "goto deep", "return");

    private string Condition(string family, string hook)
    {
        bool outward = hook is "output" or "postrouting";
        string end = outward ? "daddr" : "saddr";
        string four = random.Pick(
            $"ip {end} 10.77.0.2", $"ip {end} 10.77.0.0/24", $"ip {end} != 10.77.0.9", $"ip {end} @friends",
            $"ip {end} {{ 10.77.0.2, 10.77.0.4-10.77.0.6 }}", "ip protocol tcp", "ip version 4",
            $"ip {end} . tcp dport {{ 10.77.0.2 . 40814, 10.77.0.9 . 22, 10.77.0.9 . 40815 }}", $"ip {end} & "
                + $"255.255.255.254 == 10.77.0.2",
            $"ip {end} . tcp dport @pairs", $"ip {end} . tcp dport @pairs", "ip dscp cs0", "ip frag-off & 0x1fff != 0",
            outward ? "ip saddr 10.77.0.1" : "ip daddr 10.77.0.1", "ct original ip saddr 10.77.0.2");
        string six = random.Pick(
            $"ip6 {end} fd00:77::2", $"ip6 {end} fd00:77::/64", $"ip6 {end} @six", "ip6 nexthdr tcp",
            $"ip6 {end} != fd00:77::2", "ip6 flowlabel 0", "ip6 dscp cs0", "exthdr frag missing",
            $"ip6 {end} & ::ffff == ::2", outward ? "ip6 saddr fd00:77::1" : "ip6 daddr fd00:77::1");

        // What a copy's packets have one value of, and a real connection may have another.
        string chosen = random.Pick(
            "tcp doff > 6", "tcp option timestamp exists", "tcp option maxseg size 1000-1460", "meta length > 60",
            "tcp sport & 0x1 == 0x0", "tcp sport 32768-55000", "symhash mod 2 0", "@th,0,16 > 55000", "@th,16,16 40814",
            outward ? "meta oifkind \"veth\"" : "meta iifkind \"veth\"");
        // What a filter may ask of the route, the connection and the packet beside addresses and ports.
        string further = random.Pick(
            outward ? "fib daddr . oif type unicast" : "fib saddr . iif oif exists",
            outward ? "meta skgid 0" : "fib saddr . iif oif missing", "ct status confirmed", "ct status dnat",
            "ct zone 0", "meta l4proto tcp ct original proto-dst 40814", "tcp flags & (syn | ack) == ack",
            "tcp option sack-perm exists", outward ? "oifgroup 0" : "meta pkttype host",
            outward ? "oiftype ether" : "iifgroup 0", "tcp flags ecn");
        string any = random.Next(20) == 0 ? chosen : random.Next(8) == 0 ? further : random.Pick(
            "tcp dport 40814", "tcp dport 40814", "tcp dport { 22, 40814 }", "tcp dport 40000-41000", "tcp dport != 22",
            "tcp dport @ports", "tcp dport != @ports", "meta l4proto tcp", "meta l4proto { tcp, udp }", "udp dport "
                + "40814",
            outward ? "oifname \"eth0\"" : "iifname \"eth0\"", outward ? "oifname @wall" : "iifname @wall",
            outward ? "oifname != \"lo\"" : "iifname \"eth*\"", outward ? "oif \"lo\"" : "iif \"lo\"",
            "ct state new", "ct state invalid", "ct state established", "tcp flags & (fin | syn | rst | ack) == "
                + "syn", "tcp flags syn",
            "meta mark 0x1", "ct mark 0x1", "ct direction original",
            "tcp sport 1024-65535", "meta l4proto . th dport { tcp . 40814, udp . 53 }", "th "
                + "dport 40814",
            outward ? "meta skuid 0" : "fib daddr type local", "meta length < 100", "tcp option maxseg size 1-1500");
        return family switch
        {
            "netdev" => random.Pick("tcp dport 40814", "ip saddr 10.77.0.2 tcp dport 22", "ip6 saddr fd00:77::2"),
            "ip" => random.Next(2) == 0 ? four : any,
            "ip6" => random.Next(2) == 0 ? six : any,
            _ => random.Next(12) == 0 ? random.Pick("meta nfproto ipv4", "meta nfproto ipv6") : any,
        };
    }
}
