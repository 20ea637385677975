namespace ScanEngineAdmin.Core.Firewall;

/// <summary>
/// iptables, whichever backend. Deleting goes by the comment and not by the whole rule, so that a rule whose peer has
/// since moved is found as well.
/// </summary>
internal sealed class IptablesWriter : IFirewallWriter
{
    public FirewallProvider Provider => FirewallProvider.Iptables;

    public bool KnowsRulesByEffect => false;

    public string Open(FirewallRule rule, string engineName)
    {
        string tool = Tool(rule);
        string end = rule.Flow == RuleFlow.In ? "-s" : "-d";
        IReadOnlyList<string> addresses = RuleText.Addresses(rule);
        IEnumerable<string> peers = addresses.Count == 0 ? [string.Empty] : addresses.Select(a => $" {end} {a}");
        return string.Join("; ", peers.Select(peer =>
        {
            string what = $"{Chain(rule)} -p tcp{peer} --dport {RuleText.Port(rule)} "
                + $"-m comment --comment {RuleText.Tag(rule)} -j ACCEPT";
            return $"{tool} -w -C {what} 2>/dev/null || {tool} -w -I {what}";
        }));
    }

    public string Close(FirewallRule rule) =>
        $"{Tool(rule)} -w -S {Chain(rule)} | "
        + $"sed -n '/--comment \"\\{{0,1\\}}{RuleText.Tag(rule)}\"\\{{0,1\\}} /s/^-A/-D/p' | "
        + $"xargs -r -L1 {Tool(rule)} -w";

    private static string Chain(FirewallRule rule) => rule.Flow == RuleFlow.In ? "INPUT" : "OUTPUT";

    private static string Tool(FirewallRule rule) =>
        rule.AddressFamily == RuleFamily.IPv4 ? "iptables" : "ip6tables";
}
