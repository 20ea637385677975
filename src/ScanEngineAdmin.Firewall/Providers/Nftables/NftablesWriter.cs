using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Providers.Nftables;

/// <summary>
/// nftables: into the chain that owns the filter, at its head, where no earlier drop can precede it. The comment is the
/// key; nft deletes by handle only, so the handle is looked up by it.
/// </summary>
internal sealed class NftablesWriter(NftablesPlacement placement) : IFirewallWriter
{
    public FirewallProvider Provider => FirewallProvider.Nftables;

    public bool KnowsRulesByEffect => false;

    public string Open(FirewallRule rule, string engineName) => string.Join("; ", Chains(rule).Select(chain =>
        $"nft list chain {chain} | grep -q '\"{RuleText.Tag(rule)}\"' || "
        + ByHand(rule, chain)));

    public string Close(FirewallRule rule) => string.Join("; ", Chains(rule).Select(chain =>
        $"nft -a list chain {chain} | "
            + $"sed -n 's/.*comment \"{RuleText.Tag(rule)}\".*# handle \\([0-9][0-9]*\\)$/\\1/p' | "
            + $"xargs -r -n1 nft delete rule {chain} handle"));

    public IReadOnlyList<ToolCall> OpenCalls(FirewallRule rule, string engineName) =>
        [.. Chains(rule).Select(chain => Transaction(Insert(rule, chain)))];

    public IReadOnlyList<ToolCall> CloseCalls(InstalledFirewallRule installed)
    {
        _ = RuleText.Of(installed);
        string[] chain = [.. installed.Chain.Split(' ').Select(RuleText.Identifier)];
        return [Transaction($"delete rule {string.Join(' ', chain)} handle {installed.Handle}")];
    }

    /// <summary>Family, table and chain of each place that the rule has to be in.</summary>
    public IReadOnlyList<string> Chains(FirewallRule rule)
    {
        if (placement.Tried.TryGetValue(rule.RuleId, out IReadOnlyList<NftablesChain>? tried) && tried.Count > 0)
        {
            return [.. tried.Select(static c => $"{RuleText.Identifier(c.Family)} {RuleText.Identifier(c.Table)} "
                + RuleText.Identifier(c.Name))];
        }

        string family = RuleText.Identifier(placement.Family);
        // A table of one family cannot hold a rule of the other: its twin has it.
        if (family is "ip" or "ip6")
        {
            family = rule.AddressFamily == RuleFamily.IPv4 ? "ip" : "ip6";
        }

        string chain = rule.Flow == RuleFlow.In ? placement.Input : placement.Output;
        return [$"{family} {RuleText.Identifier(placement.Table)} {RuleText.Identifier(chain)}"];
    }

    /// <summary>What a rule says, without where it is.</summary>
    public static string Body(FirewallRule rule)
    {
        bool v4 = rule.AddressFamily == RuleFamily.IPv4;
        IReadOnlyList<string> addresses = RuleText.Addresses(rule);
        string end = rule.Flow == RuleFlow.In ? "saddr" : "daddr";
        string peers = addresses.Count switch
        {
            0 => v4 ? "meta nfproto ipv4" : "meta nfproto ipv6",
            1 => $"{(v4 ? "ip" : "ip6")} {end} {addresses[0]}",
            _ => $"{(v4 ? "ip" : "ip6")} {end} {{ {string.Join(", ", addresses)} }}",
        };
        return $"{peers} tcp dport {RuleText.Port(rule)} accept comment \"{RuleText.Tag(rule)}\"";
    }

    /// <summary>The call for a shell: quotes are around all that nft reads, so its braces and quotes never meet
    /// it.</summary>
    public static ToolCall ByHand(FirewallRule rule, string chain) => new("nft", [Insert(rule, chain)]);

    // All that one nft reads it does as one or not at all.
    private static ToolCall Transaction(string statement) => new("nft", ["-f", "-"], statement + "\n");

    private static string Insert(FirewallRule rule, string chain) => $"insert rule {chain} {Body(rule)}";
}
