using ScanEngineAdmin.Faults.Rulesets;

namespace ScanEngineAdmin.Core.Tests.Firewall.Rehearsal;

public sealed class RulesetGeneratorTests
{
    private static readonly Ruleset[] Made = [.. Enumerable.Range(1, 400).Select(RulesetGenerator.Make)];
    private static readonly string All = string.Join('\n', Made.Select(static r => r.ToString()));

    [Theory]
    [InlineData("families", "table inet", "table ip ", "table ip6 ", "table netdev", "table arp")]
    [InlineData("hooks", "hook prerouting", "hook input", "hook output", "hook postrouting", "hook forward",
        "hook ingress")]
    [InlineData("priorities", "priority raw", "priority mangle", "priority filter", "priority security",
        "priority -301", "priority 2147483000")]
    [InlineData("sets and maps", "@friends", "@wall", "flags dynamic", "vmap @ways", "vmap {", "map @marks",
        "--match-set friends", "--match-set doors")]
    [InlineData("jumps", "jump side", "goto deep", "jump {", "goto {", "-j side", "return", "-j RETURN")]
    [InlineData("states", "ct state new", "ct state invalid", "ct state vmap", "--ctstate NEW", "notrack",
        "-j CT --notrack")]
    [InlineData("limits", "limit rate", "limit name", "quota name", "ct count", "numgen", "@paced", "-m limit", "-m connlimit",
        "-m recent", "-m hashlimit", "-m quota", "-m statistic")]
    [InlineData("what a connection happens to have", "tcp doff", "tcp option timestamp", "symhash", "@th,0,16",
        "tcp sport &", "tcp sport 32768-", "iifkind", "flowlabel", "-m u32", "-m length")]
    [InlineData("edges of a host", "hook egress", "type filter hook ingress device", "type nat hook input",
        "masquerade", "ct zone set", "*security", "-j MASQUERADE", "rpfilter")]
    [InlineData("conditions on routes and connections", "fib saddr", "ct status", "ct original", "meta pkttype",
        "ip dscp", "exthdr", "frag-off", "@pairs", "vmap @spans", "--ctorigdstport", "--ctdir", "-g side")]
    [InlineData("interfaces", "iifname \"eth0\"", "iifname \"eth*\"", "oifname", "iif \"lo\"", "-i eth0", "-i eth+",
        "! -i lo", "-o lo")]
    [InlineData("tables of iptables", "*raw", "*mangle", "*nat")]
    [InlineData("places of the kernel's own hooks", "prerouting priority -200", "prerouting priority -100",
        "priority 2147483647", "type route hook output", "table bridge", "devices = {")]
    [InlineData("what changes packets", "tcp dport set", "dscp set", "ttl set", "reset tcp option", "ct label set",
        "ct helper set", "TTL --ttl-set", "HL --hl-set", "SET --add-set", "CT --zone", "CONNMARK --save-mark")]
    [InlineData("what other sockets and systems are asked", "tproxy to", "socket transparent", "socket wildcard",
        "osf name", "synproxy", "meter few")]
    [InlineData("kinds of refusal", "reject with icmpx admin-prohibited", "reject with icmp host-prohibited",
        "reject with icmpv6 addr-unreachable")]
    [InlineData("words of people", "☃", "Grüße", "# '", "\\\"-j DROP", "/y_z")]
    [InlineData("further modules", "-m connbytes", "-m string", "-m cpu", "-m time", "-m recent --set",
        "--match-set spans src,dst")]
    public void Generated_filters_hold_what_filters_are_made_of(string kind, params string[] words) => Assert.All(
        words, word => Assert.True(All.Contains(word, StringComparison.Ordinal), $"no {kind} with '{word}'"));

    [Fact]
    public void Managers_are_met_alone_and_together()
    {
        string[] together = [.. Made.Select(static r => string.Join(' ', r.Loads.Select(static l => l.Tool switch
        {
            "nft" => "native",
            var tool when tool.Contains("nft", StringComparison.Ordinal) => "nft",
            var tool when tool.Contains("legacy", StringComparison.Ordinal) => "legacy",
            _ => string.Empty,
        }).Where(static l => l.Length > 0).Distinct())).Distinct().Order(StringComparer.Ordinal)];

        Assert.Superset(
            new HashSet<string>([
                "legacy", "native", "native legacy", "native nft", "native nft legacy", "nft", "nft legacy"]),
            together.ToHashSet());
    }
}
