using static ScanEngineAdmin.Core.Tests.Firewall.Rehearsal.ReducedCase;

namespace ScanEngineAdmin.Core.Tests.Firewall.Rehearsal;

/// <summary>Filters whose answer depends on what a copy cannot know, beside such as only look so.</summary>
internal static class UncertainCases
{
    private const string In4 = "in 10.77.0.2 40814";
    private const string In6 = "in fd00:77::2 40814";
    private const string Out = "out 10.77.0.2 40815";

    private static readonly string[] Uncertain = [
        "numgen random mod 2 0-1", "numgen inc mod 2 0-1", "limit rate 100/second", "quota 100 mbytes",
        "symhash mod 2 0-1", "jhash ip saddr mod 2 0-1", "meta random >= 0", "meta hour \"00:00\"-\"23:59\""];

    public static IEnumerable<ReducedCase> All => [.. Chosen(), .. Anonymous(), .. DeniedEitherWay(), .. Sorts()];

    // What the packets of the copy have one value of, and a real connection may have another.
    private static IEnumerable<ReducedCase> Chosen()
    {
        (string Name, string Load, bool Open, string Question)[] unknown = [
            ("the kind of the interface", Chain("drop", "meta iifkind \"veth\" accept"), true, In4),
            ("a label that changes", Chain("drop", "ip6 flowlabel 0 accept"), false, In6),
            ("the length of TCP's head", Chain("accept", "tcp doff 10 drop"), false, In4),
            ("the length of the next packet's head", Chain("accept", "ct state established tcp doff > 6 drop"), false, In4),
            ("an option that some systems send", Chain("drop", "tcp option timestamp exists accept"), true, In4),
            ("an option in numbers", "iptables -A INPUT -p tcp --dport 40814 --tcp-option 8 -j DROP", false, In4),
            ("a segment size", Chain("accept", "tcp option maxseg size 1460 drop"), false, In4),
            ("a segment size of iptables", "iptables -A INPUT -p tcp --syn -m tcpmss --mss 1400:1500 -j DROP", false,
                In4),
            ("a length", Chain("accept", "meta length 60 drop"), false, In4),
            ("a length of iptables", "iptables -A INPUT -p tcp -m length --length 60:70 -j DROP", false, In4),
            ("a sum over the packet", Chain("accept", "tcp checksum != 0 drop"), false, In4),
            ("a hash of the connection", Chain("drop", "symhash mod 2 0-1 accept"), true, In4),
            ("a hash without a seed", Chain("drop", "jhash ip saddr mod 2 0-1 accept"), true, In4),
            ("a bit of the port it comes from", Chain("accept", "tcp sport & 0x8000 == 0x8000 drop"), false, In4),
            ("a bit of the port that answers go to", Chain(
                "accept", "tcp dport & 0x8000 == 0x8000 drop", "output"), false, In4),
            ("the port it comes from by its place", Chain("accept", "@th,0,16 > 40000 drop"), false, In4),
            ("a word of the packet", "iptables -A INPUT -p tcp -m u32 --u32 \"0>>22&0x3C@0>>16=40000:65535\" -j DROP",
                false, In4),
            ("ports from one on", Chain("accept", "tcp sport > 50000 drop"), false, In4),
            ("some ports that answers go to", Chain("accept", "tcp dport 50000-60999 drop", "output"), false, In4),
            ("a set of ports it comes from", "nft -f - <<'X'\ntable inet filter { set far { type inet_service; flags "
                + "interval; elements = { 50000-60999 }; }\nchain c { type filter hook input priority 0; tcp sport "
                + "@far drop; }; }\nX", false, In4),
            ("an ipset of ports it comes from", "ipset create far bitmap:port range 50000-60999; ipset add far "
                + "50000-60999; iptables -A INPUT -p tcp -m set --match-set far src -j DROP", false, In4),
            ("a set whose elements have a rate", Counting("limit rate 100/second", "ip saddr @few accept"), true, In4),
            ("a map whose elements have a rate", Counting("limit rate 100/second", "ip saddr vmap @ways"), true, In4),
            ("a set with a rate from a chain without a name", Counting(
                "limit rate 100/second", "jump { ip saddr @few accept; }"), true, In4),
            ("an ipset that counts packets", "ipset create few hash:ip counters; ipset add few 10.77.0.2; iptables -P "
                + "INPUT DROP; iptables -A INPUT -m set --match-set few src --packets-lt 1000 -j ACCEPT", true, In4),
            ("an element whose time ends", Timed("10.77.0.2 timeout 1h", "ip saddr @few accept"), true, In4),
            ("a set whose elements' time ends", Timed("10.77.0.9 timeout 1h", "ip saddr != @few accept"), true, In4),
            ("an element whose time ends in a chain without a name", Timed(
                "10.77.0.2 timeout 1h", "jump { ip saddr @few accept; }"), true, In4),
            ("an element of an ipset whose time ends", "ipset create few hash:ip timeout 3600; ipset add few 10.77.0.2; "
                + "iptables -P INPUT DROP; iptables -A INPUT -m set --match-set few src -j ACCEPT", true, In4),
            ("a set within a set that packets fill", "ipset create inner hash:ip; ipset create outer list:set; ipset add "
                + "outer inner; iptables -A INPUT -p tcp --syn -m set --match-set outer src -j DROP; iptables-legacy -A INPUT "
                + "-p tcp --dport 9 -j SET --add-set inner src", true, In4),
            ("a redirect to a port by chance", "iptables -t nat -A PREROUTING -p tcp --dport 40814 -j REDIRECT --to-ports "
                + "40814 --random", true, In4),
            ("a native redirect to a port by chance", "nft 'table ip f { chain n { type nat hook prerouting priority "
                + "dstnat; tcp dport 40814 redirect to :40814 random; }; }'", true, In4),
            ("a service class", Chain("drop", "ip dscp cs0 accept"), true, In4),
            ("a limit behind a comment that looks like an option", "iptables -P INPUT DROP; iptables -A INPUT -m comment "
                + "--comment -p -m limit --limit 100/sec -j ACCEPT", true, In4),
            ("a limit where the trace ends before", "nft 'table inet f { chain p { type filter hook prerouting priority -250; "
                + "meta nftrace set 0; }; chain c { type filter hook input priority 0; policy drop; limit rate 100/second "
                + "accept; }; }'", true, In4),
            ("a service class of iptables", "iptables -P INPUT DROP; iptables -A INPUT -m dscp --dscp 0 -j ACCEPT", true, In4),
            ("an option of MPTCP", Chain("accept", "tcp option mptcp exists drop"), true, In4),
            ("ports from one on that Windows has", Chain("accept", "tcp sport 61000-65535 drop"), true, In4),
            ("a long chain without a name", Chain("drop", "jump { " + string.Concat(Enumerable.Range(1, 80).Select(
                static i => $"ip saddr 198.51.100.{i} accept; ")) + "limit rate 100/second accept; }"), true, In4),
            ("how long a connection is remembered", "iptables -P INPUT DROP; iptables -A INPUT -m conntrack "
                + "--ctexpire 0:1000000 -j ACCEPT", true, In4),
            ("ports that a connection to another comes from", Chain("accept", "tcp sport 50000-60999 drop", "output"),
                false, Out)];
        (string Name, string Load, bool Open, string Question)[] known = [
            ("a head of TCP that nobody sends", Chain("accept", "tcp doff < 5 drop"), true, In4),
            ("an option that nobody begins with", Chain("accept", "tcp option md5sig exists drop"), true, In4),
            ("an option in numbers for another port",
                "iptables -A INPUT -p tcp --dport 22 --tcp-option 8 -j DROP", true, In4),
            ("a segment size that nobody has", Chain("accept", "tcp option maxseg size 1-500 drop"), true, In4),
            ("a segment size of iptables that nobody has",
                "iptables -A INPUT -p tcp --syn -m tcpmss ! --mss 536:65535 -j DROP", true, In4),
            ("a segment size that is set", Chain(
                "accept", "tcp flags syn tcp option maxseg size set 1200", "output"), true, Out),
            ("a time to live that is set", Chain("accept", "ip ttl set 65", "output"), true, Out),
            ("a length that all have", Chain("drop", "meta length < 1000 accept"), true, In4),
            ("a length of iptables that all have", "iptables -P INPUT DROP; iptables -A INPUT -p tcp -m length --length "
                + "40:1500 -j ACCEPT", true, In4),
            ("a set that the peer is not in, whose elements' time ends", Timed(
                "10.77.0.9 timeout 1h", "ip saddr @few drop; accept"), true, In4),
            ("an ipset that the peer is not in, whose elements' time ends", "ipset create few hash:ip timeout 3600; ipset "
                + "add few 10.77.0.9; iptables -A INPUT -m set --match-set few src -j DROP", true, In4),
            ("a filter that ends the trace", "nft 'table inet f { chain p { type filter hook prerouting priority -250; meta "
                + "nftrace set 0; }; chain c { type filter hook input priority 0; policy drop; tcp flags syn accept; }; }'",
                false, In4),
            ("a comment of several lines", "printf 'table inet f { chain c { type filter hook input priority 0; policy drop; "
                + "tcp dport 22 accept comment \"a\n\tflags dormant\nb\"; }; }' | nft -f -", false, In4),
            ("a chain named as one of the copy", "nft 'table inet f { chain arrived { }; chain c { type filter hook input "
                + "priority 0; policy drop; jump arrived; tcp flags syn accept; }; }'", false, In4),
            ("a text that names a set", Counting("limit rate 1/second", "log prefix \"@few\" accept"), true, In4),
            ("a set whose elements count", Counting("counter", "ip saddr @few accept"), true, In4),
            ("the asked port by its place", Chain("accept", "@th,16,16 40814 drop"), false, In4)];
        return unknown.Select(static c => new ReducedCase("chosen: " + c.Name, c.Load, c.Open, c.Question)
        { Changing = true })
            .Concat(known.Select(static c => new ReducedCase("not chosen: " + c.Name, c.Load, c.Open, c.Question)));
    }

    // nft has no form in JSON for a jump to a chain without a name, and lists none of its rules there.
    private static IEnumerable<ReducedCase> Anonymous()
    {
        (string Name, string Load, bool Open, string Question)[] unknown = [
            .. Uncertain.SelectMany(Places),
            ("a limit on the way out", Chain("drop", "tcp dport 40815 jump { limit rate 100/second accept; }", "output"),
                true, Out),
            ("a limit in IPv6", Chain("drop", "limit rate 100/second jump { accept; }"), true, In6),
            ("connections that are counted", "nft 'table inet f { chain c { type filter hook input priority 0; policy "
                + "drop; jump { ct count 50 accept; }; }; }'", true, In4),
            ("a set that it fills itself", Filled("jump { add @seen { ip saddr }; }; ip saddr @seen drop"), false, In4),
            ("a set that others fill", Filled("add @seen { ip saddr }; jump { ip saddr @seen drop; }"), false, In4)];
        (string Name, string Load, bool Open, string Decides)[] known = [
            ("a rule that is certain", Chain("drop", "tcp dport 40814 jump { ip saddr 10.77.0.9 return; accept; }"),
                true, "rule 'accept' of chain inet filter c"),
            ("a rule that denies", Chain("accept", "tcp dport 40814 goto { counter; tcp dport 40814 drop; }"), false,
                "rule 'tcp dport 40814 drop' of chain inet filter c"),
            ("a text that speaks of a limit", Chain("drop", "jump { log prefix \"limit @seen \"; accept; }"), true,
                "rule 'accept' of chain inet filter c"),
            ("a set that nothing fills", Filled(
                "ip saddr @none add @seen { ip saddr }; jump { ip saddr @none drop; }"), true, "nothing on this host denies it"),
            ("a redirect to a port that is closed", "nft 'table inet f { chain n { type nat hook prerouting priority "
                + "dstnat; jump { tcp dport 40814 redirect to :22; }; }; chain c { type filter hook input priority 0; "
                + "policy drop; tcp dport 40814 accept; }; }'", false,
                "led elsewhere by rule 'tcp dport 40814 redirect to :22' of chain inet f n"),
            ("sent to another host", "nft 'table ip f { chain n { type nat hook prerouting priority dstnat; "
                + "jump { tcp dport 40814 dnat to 198.51.100.9:22; }; }; }'", false,
                "sent to 198.51.100.9 by rule 'tcp dport 40814 dnat to 198.51.100.9:22' of chain ip f n"),
            ("another peer that is sent elsewhere", "nft 'table ip f { chain n { type nat hook prerouting priority "
                + "dstnat; jump { ip saddr 10.77.0.9 dnat to 198.51.100.9; }; }; chain c { type filter hook input priority 0; "
                + "policy drop; }; }'", false, "dropped by the policy of chain ip f c (drop).")];
        return unknown.Select(static c => new ReducedCase("anonymous chain: " + c.Name, c.Load, c.Open, c.Question)
        { Changing = true })
            .Concat(known.Select(static c => new ReducedCase("anonymous chain: " + c.Name, c.Load, c.Open)
            { Decides = c.Decides }));
    }

    private static (string Name, string Load, bool Open, string Question)[] Places(string condition) => [
        ($"{condition} before a jump",
            Chain("drop", $"{condition} jump {{ ip saddr 10.77.0.9 return; accept; }}"), true, In4),
        ($"{condition} before a goto", Chain("accept", $"{condition} goto {{ counter; drop; }}"), false, In4),
        ($"{condition} within", Chain("drop", $"tcp dport 40814 jump {{ {condition} accept; }}"), true, In4)];

    private static string Timed(string element, string rules) => "nft 'table inet f { set few { type ipv4_addr; flags "
        + $"timeout; elements = {{ {element} }}; }}; chain c {{ type filter hook input priority 0; policy drop; {rules}; }}; "
        + "}'";

    private static string Counting(string statement, string rule) => $"nft 'table inet f {{ set few {{ type ipv4_addr; "
        + $"{statement}; elements = {{ 10.77.0.2 }}; }}; map ways {{ type ipv4_addr : verdict; {statement}; elements = {{ "
        + $"10.77.0.2 : accept }}; }}; chain c {{ type filter hook input priority 0; policy drop; {rule}; }}; }}'";

    private static string Filled(string rules) => "nft 'table inet f { set seen { type ipv4_addr; size 100; flags "
        + "dynamic; }; set none { type ipv4_addr; }; chain c { type filter hook input priority 0; "
        + $"{rules}; }}; }}'";

    // Behind a rule with a rate that refuses, or leads back, the chain denies all.
    private static IEnumerable<ReducedCase> DeniedEitherWay()
    {
        const string Established = "ct state established accept; tcp dport 22 accept; ";
        const string Limited = "-m limit --limit 100/sec --limit-burst 100";
        return [
            new("either way: a rate of refusals, then the policy", Chain("drop", Established + "meta pkttype host limit rate "
                + "5/second burst 5 packets counter reject with icmpx admin-prohibited; limit rate 5/minute log; counter"), false),
            new("either way: a rate of first packets, and no rule for the port", Flood("drop"), false),
            new("either way: a rate of first packets, all others pass", Flood("accept"), false) { Changing = true },
            new("either way: a rate of refusals, then an accept", Chain(
                "drop", Established + "limit rate 100/second burst 100 packets reject; accept"), false) { Changing = true },
            .. ((string[])["iptables-nft", "iptables-legacy"]).SelectMany(static tool => (ReducedCase[])[
                new($"either way: refusals by {tool}, then a drop", $"{tool} -A INPUT {Limited} -j REJECT; {tool} -A INPUT -j "
                    + $"LOG; {tool} -A INPUT -m comment --comment 'the rest' -j DROP", false),
                new($"either way: first packets by {tool}", $"{tool} -P INPUT DROP; {tool} -N flood; {tool} -A INPUT -p tcp "
                    + $"--syn -j flood; {tool} -A flood {Limited} -j RETURN; {tool} -A flood -j DROP", false),
                new($"either way: refusals by {tool} of some, then an accept", $"{tool} -A INPUT {Limited} -p tcp --dport "
                    + "40814 -j REJECT", false) { Changing = true }])];

        static string Flood(string rest) => "nft 'table inet f { chain s { limit rate 100/second burst 100 packets return; "
            + $"{rest}; }}; chain c {{ type filter hook input priority 0; policy drop; {Established}tcp flags & (syn | ack) == "
            + "syn jump s; }; }'";
    }

    // Packets that begin connections are of several sorts.
    private static IEnumerable<ReducedCase> Sorts()
    {
        const string Established = "ct state established accept; ";
        (string Name, string Load, bool Open)[] unknown = [
            ("one flag and no other", Chain("drop", Established + "tcp flags == syn tcp dport 40814 accept"), true),
            ("a first packet of other flags", Chain("accept", "tcp flags != syn ct state new drop"), true),
            ("an answer of two flags and no other", Chain("drop", "tcp flags == syn | ack accept; tcp flags == ack accept",
                "output"), true),
            ("flags that are kept for later", Chain("drop", Established + "tcp flags syn tcp reserved 0 accept"), true),
            ("flags in a map", Chain("drop", Established + "tcp flags vmap { syn : accept }"), true),
            ("flags by their place", Chain("drop", Established + "@th,104,8 2 accept"), true),
            ("what may not be cut", Chain("accept", "ip frag-off 0x4000 drop"), false),
            ("what may be cut", Chain("accept", "ip frag-off & 0x4000 == 0 drop"), true)];
        return [
            .. unknown.Select(static c => new ReducedCase("sorts: " + c.Name, c.Load, c.Open) { Changing = true }),
            new("sorts: the flags that all have", Chain(
                "drop", Established + "tcp flags & (fin | syn | rst | ack) == syn accept"), true),
            new("sorts: the rest of a packet that was cut", Chain("accept", "ip frag-off & 0x1fff != 0 drop"), true)];
    }
}
