using static ScanEngineAdmin.Core.Tests.Firewall.Rehearsal.ReducedCase;

namespace ScanEngineAdmin.Core.Tests.Firewall.Rehearsal;

/// <summary>Filters whose rules change what other rules see, or what the other end gets.</summary>
internal static class EffectCases
{
    private const string In4 = "in 10.77.0.2 40814";
    private const string Out = "out 10.77.0.2 40815";
    private const string Elsewhere = "02:00:00:77:00:99";

    public static IEnumerable<ReducedCase> All => [.. Skipped(), .. Mapped(), .. Remembered(), .. Undelivered()];

    // An accept that may apply or not skips what comes after it in its chain.
    private static IEnumerable<ReducedCase> Skipped()
    {
        (string Name, string Load)[] unknown = [
            ("a mark that another chain asks for", Marked("limit rate over 1000/second accept")),
            ("a mark behind a count of connections", Marked("ct count over 500 accept")),
            ("a mark behind a part of a second", Marked("numgen inc mod 100000 99999 accept")),
            ("a redirect", "nft 'table inet f { chain n { type nat hook prerouting priority dstnat; limit rate over "
                + "1000/second accept; tcp dport 40814 redirect to :22; }; chain c { type filter hook input priority 0; "
                + "policy drop; ct state established accept; tcp dport 22 accept; }; }'"),
            .. ((string[])["iptables-nft", "iptables-legacy"]).Select(static tool => (
                $"a mark of {tool}", $"{tool} -t mangle -A PREROUTING -p tcp -m connlimit --connlimit-above 500 -j ACCEPT; "
                    + $"{tool} -t mangle -A PREROUTING -j MARK --set-mark 1; {tool} -P INPUT DROP; {tool} -A INPUT -m mark "
                    + "--mark 1 -j ACCEPT"))];
        return [
            .. unknown.Select(static c => new ReducedCase("skipped: " + c.Name, c.Load, true) { Changing = true }),
            new("not skipped: what only decides", Chain(
                "accept", "limit rate over 1000/second accept; tcp dport 22 drop"), true)];

        static string Marked(string accept) => "nft 'table inet f { chain p { type filter hook prerouting priority "
            + $"mangle; {accept}; meta mark set 1; }}; chain c {{ type filter hook input priority 0; policy drop; meta "
            + "mark 1 accept; }; }'";
    }

    // Targets that only seem to count or to fill something.
    private static IEnumerable<ReducedCase> Mapped()
    {
        const string Limited = "-p tcp -m limit --limit 100/sec --limit-burst 100";
        const string Judged = "; iptables -P INPUT DROP; iptables -A INPUT -m mark --mark 1 -j ACCEPT";
        (string Name, string Load, bool Open)[] unknown = [
            ("a mark of an ipset, at a rate", "ipset create m hash:ip skbinfo; ipset add m 10.77.0.2 skbmark 0x1; iptables "
                + $"-t mangle -A PREROUTING {Limited} -j SET --map-set m src --map-mark" + Judged, true),
            ("a mark of an ipset whose elements' time ends", "ipset create m hash:ip skbinfo timeout 3600; ipset add m "
                + "10.77.0.2 skbmark 0x1; iptables -t mangle -A PREROUTING -p tcp -j SET --map-set m src --map-mark"
                + Judged, true),
            ("a mark of an ipset that packets fill", "ipset create m hash:ip skbinfo; ipset add m 10.77.0.2 skbmark 0x1; "
                + "iptables -t mangle -A PREROUTING -p tcp -j SET --map-set m src --map-mark; iptables -A INPUT -p udp -j "
                + "SET --add-set m src" + Judged, true),
            ("a segment size that another rule asks for", $"iptables -t mangle -A PREROUTING {Limited} --syn -j TCPMSS "
                + "--set-mss 100; iptables -A INPUT -p tcp --syn -m tcpmss --mss 1:500 -j DROP", false)];
        return [
            .. unknown.Select(static c => new ReducedCase("mapped: " + c.Name, c.Load, c.Open) { Changing = true }),
            new("mapped: a mark of an ipset", "ipset create m hash:ip skbinfo; ipset add m 10.77.0.2 skbmark 0x1; iptables "
                + "-t mangle -A PREROUTING -p tcp -j SET --map-set m src --map-mark" + Judged, true),
            new("not mapped: a segment size that nothing asks for",
                $"iptables -t mangle -A PREROUTING {Limited} --syn -j TCPMSS --set-mss 1000", true)];
    }

    // What a packet that is dropped leaves behind, for the same packet when it is sent again.
    private static IEnumerable<ReducedCase> Remembered()
    {
        const string Edge = "table netdev e { chain o { type filter hook egress device eth0 priority 0; meta mark 1 drop; }; }";
        (string Name, string Load, string Question)[] unknown = [
            ("an answer", Chain("accept", "tcp sport 40814 ct mark 1 accept; tcp sport 40814 ct mark set 1 drop",
                "output"), In4),
            ("the last packet", Chain(
                "accept", "tcp flags syn accept; ct mark 1 accept; tcp dport 40814 ct mark set 1 drop"), In4),
            ("an answer from the peer", Chain(
                "accept", "tcp sport 40815 ct mark 1 accept; tcp sport 40815 ct mark set 1 drop"), Out),
            ("a label", Chain(
                "accept", "tcp sport 40814 ct label 1 accept; tcp sport 40814 ct label set 1 drop", "output"), In4),
            ("a mark that only the repeated packet gets", "nft 'table inet f { chain o { type filter hook output priority 0; "
                + "tcp dport 40815 ct state established ct mark set 1; }; chain i { type filter hook input priority 0; tcp "
                + "sport 40815 ct mark != 1 drop; }; }'", Out),
            ("what leaves by the device", "nft 'table inet f { chain o { type filter hook output priority 0; tcp dport "
                + "40815 meta mark set ct mark; tcp dport 40815 ct mark set 1; }; }; table netdev e { chain o { type filter "
                + "hook egress device eth0 priority 0; tcp dport 40815 meta mark != 1 drop; }; }'", Out),
            ("a mark that a translating chain sets on the first packet alone", "nft 'table ip f { chain o { type nat hook "
                + "output priority -100; tcp dport 40815 meta mark set 1; }; chain p { type nat hook "
                + "postrouting priority srcnat; meta mark 1 masquerade; }; }; " + Edge + "'", Out),
            ("a mark that only a new connection gets", "nft 'table inet f { chain o { type filter hook output priority 0; "
                + "tcp dport 40815 ct status & confirmed == 0 meta mark set 1; }; }; " + Edge + "'", Out),
            .. ((string[])["iptables-nft", "iptables-legacy"]).Select(static tool => (
                $"a mark of {tool}'s nat table", $"{tool} -t nat -A OUTPUT -p tcp --dport 40815 -j MARK --set-mark 1; {tool} -t "
                    + "nat -A POSTROUTING -m mark --mark 1 -j MASQUERADE; nft '" + Edge + "'", Out)),
            .. ((string[])["iptables-nft", "iptables-legacy"]).Select(static tool => (
                $"a port that {tool} changes after the first packet has met a rule", $"{tool} -t mangle -A OUTPUT -p tcp "
                    + $"--dport 40815 -m conntrack ! --ctstate SNAT -j MARK --set-mark 1; {tool} -t nat -A POSTROUTING -p tcp "
                    + "--dport 40815 -j SNAT --to-source 10.77.0.1:30000-31000; nft '" + Edge + "'", Out)),
            .. ((string[])["iptables-nft", "iptables-legacy"]).Select(static tool => (
                $"an answer by {tool}", $"{tool} -A OUTPUT -p tcp --sport 40814 -m connmark --mark 1 -j ACCEPT; {tool} -A "
                    + $"OUTPUT -p tcp --sport 40814 -j CONNMARK --set-mark 1; {tool} -A OUTPUT -p tcp --sport 40814 -j DROP",
                In4))];
        return [
            .. unknown.Select(static c => new ReducedCase("remembered: " + c.Name, c.Load, true, c.Question)
            { Changing = true }),
            new("not remembered: of a connection that never was", "nft 'table inet f { chain p { type filter hook "
                + "prerouting priority mangle; ct mark set 1; }; chain c { type filter hook input priority 1; policy drop; "
                + "ct mark 2 accept; }; }'", false),
            .. ((string[])["dnat", "expected"]).Select(static status => new ReducedCase(
                $"not remembered: a status that no connection gets later, {status}", Chain(
                    "accept", $"ct status {status} accept; tcp sport 40814 drop", "output"), false)),
            .. ((string[])["iptables-nft", "iptables-legacy"]).SelectMany(static tool =>
                ((string[])["--ctstate RELATED,DNAT", "--ctstatus EXPECTED"]).Select(status => new ReducedCase(
                    $"not remembered: a status that no connection gets later, {status} of {tool}",
                    $"{tool} -A OUTPUT -m conntrack {status} -j ACCEPT; {tool} -A OUTPUT -p tcp --sport 40814 -j DROP", false))),
            new("not remembered: a mark that nothing asks for", Chain(
                "accept", "tcp sport 40814 ct mark set 1 drop", "output"), false),
            new("not remembered: the next packet is refused for the first one's mark", Chain(
                "accept", "tcp dport 40814 ct mark 1 reject with tcp reset; tcp dport 40814 ct mark set 1"), false)];
    }

    // What goes out in a form that the other end throws away, or answers to somebody else.
    private static IEnumerable<ReducedCase> Undelivered()
    {
        const string Answer = "tcp sport 40814 tcp flags & (syn | ack) == syn | ack ";
        (string Name, string Load, string Question, string Decides)[] unknown = [
            ("another interface's address", Leaving($"tcp dport 40815 ether daddr set {Elsewhere}"), Out,
                "ether daddr set"),
            ("another interface's address on an answer", Leaving($"tcp sport 40814 ether daddr set {Elsewhere}"), In4,
                "ether daddr set"),
            ("a sum of IP", Chain("accept", "tcp dport 40815 ip checksum set 1", "output"), Out, "ip checksum set"),
            ("a fragment", Chain("accept", "tcp dport 40815 ip frag-off set 0x2000", "output"), Out, "ip frag-off set"),
            ("flags that end it", Chain("accept", Answer + "tcp flags set syn | ack | rst", "output"), In4, "tcp flags set"),
            ("a number that answers nothing", Chain("accept", Answer + "tcp ackseq set 5", "output"), In4, "tcp ackseq set"),
            ("a head of another length", Chain("accept", Answer + "tcp doff set 15", "output"), In4, "tcp doff set"),
            ("a first packet that ends it", Chain(
                "accept", "tcp dport 40815 tcp flags & (syn | ack) == syn tcp flags set syn | fin", "output"), Out,
                "tcp flags set"),
            ("a last packet of another number", Chain(
                "accept", "tcp dport 40815 tcp flags & (syn | ack) == ack tcp sequence set 7", "output"), Out,
                "tcp sequence set"),
            ("another kind of Ethernet", Leaving("tcp sport 40814 ether type set 0x1234"), In4, "ether type set"),
            ("a packet for another host", "nft 'table ip n { chain o { type nat hook output priority -100; tcp dport 40815 "
                + "dnat to 10.77.0.50; }; }'", Out, "dnat to 10.77.0.50"),
            ("an address of the loopback", "nft 'table ip n { chain p { type nat hook postrouting priority srcnat; tcp dport "
                + "40815 snat to 127.0.0.1; }; }'", Out, "snat to 127.0.0.1"),
            ("another host's address", "nft 'table ip n { chain p { type nat hook postrouting priority srcnat; tcp dport "
                + "40815 snat to 198.51.100.9; }; }'", Out, "snat to 198.51.100.9"),
            .. ((string[])["iptables-nft", "iptables-legacy"]).Select(static tool => (
                $"another host's address by {tool}",
                $"{tool} -t nat -A POSTROUTING -p tcp --dport 40815 -j SNAT --to-source 198.51.100.9", Out,
                "-j SNAT --to-source 198.51.100.9"))];
        return [
            .. unknown.Select(static c => new ReducedCase("undelivered: " + c.Name, c.Load, false, c.Question)
            { Changing = true, Decides = c.Decides }),
            new("undelivered: to whom it leaves", Leaving("tcp dport 40815 ether daddr != 02:00:00:77:00:02 drop"), true, Out)
            { Changing = true, Decides = "ether daddr != 02:00:00:77:00:02" },
            // A link between two namespaces sums up nothing, a wire's device would.
            new("undelivered: a sum of TCP", Chain("accept", "tcp dport 40815 tcp checksum set 1", "output"), true, Out)
            { Changing = true, Decides = "tcp checksum set" },
            new("delivered: the peer's own address", Leaving("tcp dport 40815 ether daddr set 02:00:00:77:00:02"), true, Out),
            new("delivered: this host's own address", "nft 'table ip n { chain p { type nat hook postrouting priority "
                + "srcnat; tcp dport 40815 snat to 10.77.0.1; }; }'", true, Out),
            new("delivered: the address of the interface", "nft 'table ip n { chain p { type nat hook postrouting "
                + "priority srcnat; masquerade; }; }'", true, Out),
            new("delivered: another class of service", Chain("accept", "ip dscp set cs1", "output"), true, Out)];

        static string Leaving(string rule) => "nft 'table netdev e { chain o { type filter hook egress device eth0 "
            + $"priority 0; {rule}; }}; }}'";
    }
}
