using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Firewall.Providers.Nftables;

/// <summary>
/// The first packet of a connection, held against the conditions of a rule as nft prints them. What is not understood
/// is
/// null: neither a match nor none.
/// </summary>
internal sealed record NftPacket(RuleFlow Flow, IPAddress Peer, int Port)
{
    // An IPv4 SYN with the usual options.
    private const int Length = 60;

    private bool IsIPv4 => Peer.AddressFamily == AddressFamily.InterNetwork;

    /// <summary>
    /// Whether the condition at the start of the words holds, and how many words it takes (0: none known).
    /// </summary>
    public (bool? Holds, int Words) Match(ReadOnlySpan<string> words) => words switch
    {
        ["counter", "packets", _, "bytes", _, ..] => (true, 5),
        ["counter", ..] => (true, 1),
        ["log", ..] => (true, 1),
        ["prefix" or "comment" or "level" or "group", _, ..] => (true, 2),
        ["udp" or "icmp" or "icmpv6" or "sctp", _, _, ..] => (false, 3),
        ["meta", "l4proto", ..] or ["ip", "protocol", ..] or ["ip6", "nexthdr", ..] =>
            Compare(words, 2, static value => value is "tcp" or "6"),
        ["tcp", "dport", ..] => Compare(words, 2, IsPort),
        ["ct", "state", ..] => Compare(words, 2, static value => value.Split(',').Contains("new")),
        ["tcp", "flags", "syn", "/", _, ..] => (true, 5),
        ["tcp", "flags", "&", ..] => Flags(words),
        ["iif" or "iifname" or "oif" or "oifname", "lo" or "\"lo\"", ..] => (IPAddress.IsLoopback(Peer), 2),
        ["ip" or "meta", "length", ">" or ">=", var most, ..] when int.TryParse(
            most, NumberStyles.None, CultureInfo.InvariantCulture, out int bytes) =>
            (Length > bytes, 4),
        ["ip", "saddr" or "daddr", ..] when !IsIPv4 => (false, Span(words, 2)),
        ["ip6", "saddr" or "daddr", ..] when IsIPv4 => (false, Span(words, 2)),
        ["ip" or "ip6", var side and ("saddr" or "daddr"), ..] when side == (Flow == RuleFlow.In ? "saddr" : "daddr") =>
            Compare(words, 2, IsPeer),
        _ => (null, 0),
    };

    private static (bool? Holds, int Words) Flags(ReadOnlySpan<string> words)
    {
        int equals = words.IndexOf("==");
        return equals > 0 && equals + 1 < words.Length && words[equals + 1] == "syn" ? (true, equals + 2) : (null, 0);
    }

    private static int Span(ReadOnlySpan<string> words, int at)
    {
        int value = at + (at < words.Length && words[at] == "!=" ? 1 : 0);
        if (value >= words.Length || words[value] != "{")
        {
            return value + 1;
        }

        int close = words[value..].IndexOf("}");
        return close < 0 ? words.Length : value + close + 1;
    }

    private static (bool? Holds, int Words) Compare(ReadOnlySpan<string> words, int at, Func<string, bool?> holds)
    {
        int end = Span(words, at);
        if (end > words.Length)
        {
            return (null, 0);
        }

        bool not = words[at] == "!=";
        int value = at + (not ? 1 : 0);
        bool? any = false;
        foreach (string word in words[value..end])
        {
            if (word is "{" or "}")
            {
                continue;
            }

            // A named set or a map: what is in it is not in the rule.
            any = word[0] is '@' or ':' || word == "vmap" ? null : Or(any, holds(word.TrimEnd(',')));
        }

        return (not ? !any : any, end);
    }

    private static (bool? Holds, int Words) Compare(ReadOnlySpan<string> words, int at, Func<string, bool> holds) =>
        Compare(words, at, word => (bool?)holds(word));

    private static bool? Or(bool? one, bool? other) => one == true || other == true ? true
        : one is null || other is null ? null : false;

    private bool? IsPort(string value)
    {
        string[] ends = value.Split('-');
        return int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out int low)
            && int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int high)
            ? Port >= low && Port <= high
            : null;
    }

    private bool? IsPeer(string value)
    {
        if (IPAddress.TryParse(value, out IPAddress? one))
        {
            return one.Equals(Peer);
        }

        return IPNetwork.TryParse(value, out IPNetwork network) ? network.Contains(Peer) : null;
    }
}
