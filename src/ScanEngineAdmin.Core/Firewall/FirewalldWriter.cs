namespace ScanEngineAdmin.Core.Firewall;

/// <summary>
/// firewalld: rich rules in the default zone, in force at once and kept. They carry no comment: the effect is the key.
/// Outgoing connections are not a zone's business, so those are direct rules.
/// </summary>
internal sealed class FirewalldWriter : IFirewallWriter
{
    public FirewallProvider Provider => FirewallProvider.Firewalld;

    public bool KnowsRulesByEffect => true;

    public string Open(FirewallRule rule, string engineName) => Lines(rule, "add");

    public string Close(FirewallRule rule) => Lines(rule, "remove");

    private static string Lines(FirewallRule rule, string verb)
    {
        IReadOnlyList<string> addresses = RuleText.Addresses(rule);
        IEnumerable<string> options = addresses.Count == 0
            ? [Option(rule, verb, string.Empty)]
            : addresses.Select(a => Option(rule, verb, a));
        // A tag is checked although none is written: a rule without a valid id is not one of ours.
        _ = RuleText.Id(rule);
        return string.Join("; ", options.Select(
            static option => $"firewall-cmd {option} && firewall-cmd --permanent {option}"));
    }

    private static string Option(FirewallRule rule, string verb, string address)
    {
        bool v4 = rule.AddressFamily == RuleFamily.IPv4;
        string port = RuleText.Port(rule);
        if (rule.Flow == RuleFlow.Out)
        {
            string peer = address.Length == 0 ? string.Empty : $" -d {address}";
            return $"--direct --{verb}-rule {(v4 ? "ipv4" : "ipv6")} filter OUTPUT 0{peer} -p tcp --dport {port} "
                + "-j ACCEPT";
        }

        string source = address.Length == 0 ? string.Empty : $" source address=\"{address}/{(v4 ? 32 : 128)}\"";
        return $"--{verb}-rich-rule='rule family=\"{(v4 ? "ipv4" : "ipv6")}\"{source} "
            + $"port port=\"{port}\" protocol=\"tcp\" accept'";
    }
}
