using System.Text.RegularExpressions;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>
/// Tells by its words whether a table does nothing but decide: each word has to be one of those that are known to do
/// nothing else. What is not in these lists makes a table one that may do anything.
/// </summary>
internal static partial class RuleWords
{
    private static readonly HashSet<string> Native = Set(
        "type filter nat route hook priority policy comment counter name packets bytes quota used over until limit "
        + "rate burst second minute hour day week kbytes mbytes log prefix level group snaplen emerg alert crit err "
        + "warn notice info debug accept drop reject return continue jump goto vmap meta iif oif iifname oifname "
        + "iiftype oiftype iifgroup oifgroup l4proto nfproto protocol pkttype mark skuid skgid length ether vlan ip "
        + "ip6 tcp udp udplite sctp dccp icmp icmpv6 igmp esp ah comp th saddr daddr sport dport nexthdr dscp version "
        + "ecn id flags code option fin syn rst psh ack urg cwr ct state status direction zone original reply count "
        + "new established related invalid untracked expected assured confirmed fib local unicast broadcast multicast "
        + "anycast blackhole unreachable prohibit exists missing host other ipv4 ipv6 exthdr frag hbh dst mh srh "
        + "maxseg size timestamp window prerouting input output postrouting ingress egress forward raw mangle dstnat "
        + "security srcnat device devices and or");

    private static readonly HashSet<string> Modules = Set(
        "tcp udp udplite sctp dccp icmp icmp6 ipv6-icmp multiport conntrack state mark connmark addrtype comment "
        + "set iprange limit hashlimit connlimit mac owner pkttype length dscp ecn tcpmss frag ah esp ttl hl physdev "
        + "rpfilter time statistic quota helper string");

    private static readonly HashSet<string> Targets = Set(
        "ACCEPT DROP REJECT RETURN LOG NFLOG ULOG AUDIT TRACE");
    private static readonly HashSet<string> Marks = Set(
        "MARK CONNMARK");

    /// <param name="table">A table as nft lists it.</param>
    public static TableEffect OfNative(string table)
    {
        TableEffect effect = TableEffect.Decides;
        bool inside = false;
        foreach (string line in table.Split('\n'))
        {
            if (line.StartsWith("\tchain ", StringComparison.Ordinal) || line == "\t}")
            {
                inside = line != "\t}";
            }
            else if (inside)
            {
                // Of one word and its value, as in "jump dnat", the value is a name.
                string bare = Value().Replace(Texts().Replace(line, " "), " ");
                string rest = Mark().Replace(bare, " ");
                effect = rest == bare ? effect : TableEffect.Marks;
                if (Words().Matches(rest).Any(static w => !Native.Contains(w.Value)))
                {
                    return TableEffect.Anything;
                }
            }
        }

        return effect;
    }

    /// <param name="table">A table as iptables saves it.</param>
    public static TableEffect OfSaved(string table)
    {
        HashSet<string> own = Chain().Matches(table).Select(static m => m.Groups[1].Value)
            .ToHashSet(StringComparer.Ordinal);
        TableEffect effect = TableEffect.Decides;
        foreach (Match match in Option().Matches(Quoted().Replace(table, "-")))
        {
            string value = match.Groups[2].Value;
            if (match.Groups[1].Value != "m" && Marks.Contains(value))
            {
                effect = TableEffect.Marks;
            }
            else if (!(match.Groups[1].Value == "m" ? Modules : own.Contains(value) ? own : Targets).Contains(value))
            {
                return TableEffect.Anything;
            }
        }

        return effect;
    }

    private static HashSet<string> Set(string words) => words.Split(' ').ToHashSet(StringComparer.Ordinal);

    // nft knows no quote within quotes, -save writes a backslash before one.
    [GeneratedRegex("\"[^\"]*\"")]
    internal static partial Regex Texts();

    [GeneratedRegex("\"(?:[^\"\\\\]|\\\\.)*\"")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\breject with (?:tcp|icmp\w*)(?: type)? \S+|\b(?:jump|goto|name) [\w./\\-]+")]
    private static partial Regex Value();

    [GeneratedRegex(@"\b(?:meta|ct) mark set ")]
    private static partial Regex Mark();

    // Neither numbers nor addresses, names of sets or values of several words: no statement is one of those.
    [GeneratedRegex(@"(?<![^\s,{}();=!<>&|^])[A-Za-z_]\w*(?![^\s,{}();=!<>&|^])")]
    private static partial Regex Words();

    [GeneratedRegex(@"^:(\S+) ", RegexOptions.Multiline)]
    private static partial Regex Chain();

    [GeneratedRegex(@" -([mjg]) (\S+)")]
    private static partial Regex Option();
}
