using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Providers.Ufw;

/// <summary>
/// ufw: at the head of its rules, where no earlier deny can precede it; adding an existing rule is skipped by ufw
/// itself; the comment is for people, the effect is the key.
/// </summary>
internal sealed class UfwWriter : IFirewallWriter
{
    public FirewallProvider Provider => FirewallProvider.Ufw;

    public bool KnowsRulesByEffect => true;

    public string Open(FirewallRule rule, string engineName) => string.Join("; ", OpenCalls(rule, engineName));

    public string Close(FirewallRule rule) => string.Join<ToolCall>("; ", Deletes(rule));

    public IReadOnlyList<ToolCall> OpenCalls(FirewallRule rule, string engineName) => [.. What(rule).Select(
        what => new ToolCall("ufw", ["prepend", "allow", .. what, "comment", RuleText.Tag(rule)]))];

    /// <summary>At the end of ufw's rules: what denies before it goes on denying.</summary>
    public static IReadOnlyList<ToolCall> AppendCalls(FirewallRule rule) => [.. What(rule).Select(
        what => new ToolCall("ufw", ["allow", .. what, "comment", RuleText.Tag(rule)]))];

    public IReadOnlyList<ToolCall> CloseCalls(InstalledFirewallRule installed) => Deletes(RuleText.Of(installed));

    public static IReadOnlyList<ToolCall> Deletes(FirewallRule rule) => [.. What(rule).Select(
        static what => new ToolCall("ufw", ["delete", "allow", .. what]))];

    private static IEnumerable<IReadOnlyList<string>> What(FirewallRule rule)
    {
        // Checked in every command, although ufw finds a rule without it: what has no valid id is not one of ours.
        _ = RuleText.Id(rule);
        IReadOnlyList<string> addresses = RuleText.Addresses(rule);
        string any = rule.AddressFamily == RuleFamily.IPv4 ? "0.0.0.0/0" : "::/0";
        string port = RuleText.Port(rule);
        return (addresses.Count == 0 ? [any] : addresses).Select<string, IReadOnlyList<string>>(
            peer => rule.Flow == RuleFlow.In
                ? ["from", peer, "to", "any", "port", port, "proto", "tcp"]
                : ["out", "to", peer, "port", port, "proto", "tcp"]);
    }
}
