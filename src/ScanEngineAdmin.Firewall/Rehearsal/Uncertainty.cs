using System.Text.RegularExpressions;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>What a copy cannot know when it is asked.</summary>
/// <param name="MacUnknown">The address of the interface that the peer's packets come from.</param>
/// <param name="UserUnknown">Whose sockets the node's are.</param>
internal sealed partial record Uncertainty(bool MacUnknown, bool UserUnknown)
{
    // Conditions on what changes with every packet, with time, or by the peer's own doing.
    private static readonly HashSet<string> Modules = new(StringComparer.Ordinal)
    {
        "limit", "hashlimit", "connlimit", "recent", "time", "statistic", "quota", "quota2", "connbytes", "cgroup",
        "cluster", "cpu", "osf", "rateest", "ttl", "hl", "nfacct", "fuzzy", "random", "nth", "condition", "geoip",
    };

    public bool IsUncertain(string module) => Modules.Contains(module)
        || (MacUnknown && module == "mac") || (UserUnknown && module == "owner");

    /// <summary>Whether a native rule set may hold such a condition at all: a look that costs nothing.</summary>
    public bool MayBeIn(string ruleset) => Words().IsMatch(ruleset)
        || (MacUnknown && ruleset.Contains("ether saddr", StringComparison.Ordinal))
        || (UserUnknown && Users().IsMatch(ruleset));

    [GeneratedRegex(
        @"\b(limit|quota|ct count|numgen|meta (time|hour|day|cgroup|cpu|random)|queue|synproxy|tproxy|dynamic|update @"
        + @"|add @|set (add|update)|cgroupv2|osf|ttl|hoplimit|ip id|sequence|window|fwd|dup"
        + @"|ct (original |reply )?(bytes|packets|avgpkt|expiration|id))\b|\bhour |\bday |\btime ")]
    private static partial Regex Words();

    [GeneratedRegex(@"\bsk[ug]id\b")]
    private static partial Regex Users();
}
