using System.Globalization;
using System.Text.RegularExpressions;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>What a copy cannot know when it is asked.</summary>
/// <param name="MacUnknown">The address of the interface that the peer's packets come from.</param>
/// <param name="UserUnknown">Whose sockets the node's are.</param>
internal sealed partial record Uncertainty(bool MacUnknown, bool UserUnknown)
{
    /// <summary>Whether a rule sees what leaves by a device, which a copy sends to no interface in particular.</summary>
    public bool TargetUnknown { get; init; }

    // Conditions on what changes with every packet, with time, by the peer's own doing, or by the way it comes.
    private static readonly HashSet<string> Modules = new(StringComparer.Ordinal)
    {
        "limit", "hashlimit", "connlimit", "recent", "time", "statistic", "quota", "quota2", "connbytes", "cgroup",
        "cluster", "cpu", "osf", "rateest", "ttl", "hl", "nfacct", "fuzzy", "random", "nth", "condition", "geoip",
        "u32", "bpf", "policy", "physdev", "realm", "socket", "dscp", "tos", "ecn",
    };

    /// <param name="module">A module of iptables.</param>
    /// <param name="words">What it is asked.</param>
    public bool IsUncertain(string module, IReadOnlyList<string> words) => Modules.Contains(module)
        || (MacUnknown && module is "mac" or "eui64") || (UserUnknown && module == "owner")
        || (module == "conntrack" && words.Contains("--ctexpire"))
        || (module == "set" && words.Any(static w => w.StartsWith("--packets-", StringComparison.Ordinal)
            || w.StartsWith("--bytes-", StringComparison.Ordinal)))
        || (module == "length" && IsSplit(RealSpans.Length, words, "--length"))
        || (module == "tcpmss" && IsSplit(RealSpans.SegmentSize, words, "--mss"));

    /// <summary>Whether a native rule set may hold such a condition at all: a look that costs nothing.</summary>
    public bool MayBeIn(string ruleset) => Words().IsMatch(ruleset)
        || (MacUnknown && ruleset.Contains("ether saddr", StringComparison.Ordinal))
        || ruleset.Contains("ether daddr", StringComparison.Ordinal)
        || (UserUnknown && Users().IsMatch(ruleset));

    private static bool IsSplit((int Low, int High) real, IReadOnlyList<string> words, string option)
    {
        int at = words.ToList().IndexOf(option);
        string[] ends = at >= 0 && at + 1 < words.Count ? words[at + 1].Split(':') : [];
        return !long.TryParse(ends.FirstOrDefault(), CultureInfo.InvariantCulture, out long low)
            || !long.TryParse(ends[^1], CultureInfo.InvariantCulture, out long high)
            || RealSpans.IsSplit(real, [(low, high)]);
    }

    [GeneratedRegex(
        @"\b(limit|quota|ct count|numgen|meta (time|hour|day|cgroup|cpu|random|priority)|queue|synproxy|tproxy|dynamic"
        + @"|update @|add @|set (add|update)|socket|osf|ttl|hoplimit|flowlabel|[io]ifkind|ip id|sequence|ackseq|window"
        + @"|timeout|dscp|ecn|checksum|reserved|doff|length|tcp option|jhash|symhash|rt|ipsec|secpath|secmark|rtclassid|sdif|sdifname|nftrace"
        + @"|fwd|dup|ct (original |reply )?(bytes|packets|avgpkt|expiration|id))\b|\bhour |\bday |\btime "
        + @"|\b(dnat|redirect) [^\n;]*[-/]|\brandom\b|@(ll|nh|th|ih),|([sd]port|proto-(src|dst)) ([&|^]|<<|>>)")]
    private static partial Regex Words();

    [GeneratedRegex(@"\bsk[ug]id\b")]
    private static partial Regex Users();
}
