namespace ScanEngineAdmin.Core.Firewall;

/// <summary>
/// ufw: adding an existing rule is skipped by ufw itself; the comment is for people, the effect is the key.
/// </summary>
internal sealed class UfwWriter : IFirewallWriter
{
    public FirewallProvider Provider => FirewallProvider.Ufw;

    public bool KnowsRulesByEffect => true;

    public string Open(FirewallRule rule, string engineName) => string.Join("; ", What(rule).Select(
        what => $"ufw allow {what} comment '{RuleText.Tag(rule)}'"));

    public string Close(FirewallRule rule) => string.Join("; ", What(rule).Select(
        static what => $"ufw delete allow {what}"));

    private static IEnumerable<string> What(FirewallRule rule)
    {
        // Checked in every command, although ufw finds a rule without it: what has no valid id is not one of ours.
        _ = RuleText.Id(rule);
        IReadOnlyList<string> addresses = RuleText.Addresses(rule);
        string any = rule.AddressFamily == RuleFamily.IPv4 ? "0.0.0.0/0" : "::/0";
        string port = RuleText.Port(rule);
        return (addresses.Count == 0 ? [any] : addresses).Select(peer => rule.Flow == RuleFlow.In
            ? $"from {peer} to any port {port} proto tcp"
            : $"out to {peer} port {port} proto tcp");
    }
}
