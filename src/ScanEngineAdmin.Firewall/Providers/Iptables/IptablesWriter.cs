using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Providers.Iptables;

/// <summary>
/// iptables, whichever backend. Deleting goes by the comment and not by the whole rule, so that a rule whose peer has
/// since moved is found as well.
/// </summary>
internal sealed class IptablesWriter : IFirewallWriter
{
    public FirewallProvider Provider => FirewallProvider.Iptables;

    public bool KnowsRulesByEffect => false;

    public string Open(FirewallRule rule, string engineName) => string.Join("; ", Specs(rule).Select(
        spec => $"{Call(rule, "-C", spec)} 2>/dev/null || {Call(rule, "-I", spec)}"));

    public string Close(FirewallRule rule) =>
        $"{Tool(rule.AddressFamily)} -w -S {Chain(rule)} | "
        + $"sed -n '/--comment \"\\{{0,1\\}}{RuleText.Tag(rule)}\"\\{{0,1\\}} /s/^-A/-D/p' | "
        + $"xargs -r -L1 {Tool(rule.AddressFamily)} -w";

    public IReadOnlyList<ToolCall> OpenCalls(FirewallRule rule, string engineName) =>
        [.. Specs(rule).Select(spec => Call(rule, "-I", spec))];

    public IReadOnlyList<ToolCall> CloseCalls(InstalledFirewallRule installed)
    {
        // As it was found, word for word: an admin may have changed it since.
        IReadOnlyList<string> words = IptablesReader.Words(installed.Text);
        return words is ["-A", ..]
            ? [new ToolCall(Tool(installed.Family ?? RuleFamily.IPv4), ["-w", "-D", .. words.Skip(1)])]
            : [.. OpenCalls(RuleText.Of(installed), string.Empty).Select(static open => open with
            {
                Arguments = [.. open.Arguments.Select(static a => a == "-I" ? "-D" : a)],
            })];
    }

    public static string Chain(FirewallRule rule) => rule.Flow == RuleFlow.In ? "INPUT" : "OUTPUT";

    public static string Tool(RuleFamily family) => family == RuleFamily.IPv4 ? "iptables" : "ip6tables";

    private static ToolCall Call(FirewallRule rule, string verb, IReadOnlyList<string> spec) =>
        new(Tool(rule.AddressFamily), ["-w", verb, .. spec]);

    private static IEnumerable<IReadOnlyList<string>> Specs(FirewallRule rule)
    {
        string end = rule.Flow == RuleFlow.In ? "-s" : "-d";
        IReadOnlyList<string> addresses = RuleText.Addresses(rule);
        string[] rest = [
            "--dport", RuleText.Port(rule), "-m", "comment", "--comment", RuleText.Tag(rule), "-j", "ACCEPT"];
        return addresses.Count == 0
            ? [[Chain(rule), "-p", "tcp", .. rest]]
            : addresses.Select<string, IReadOnlyList<string>>(a => [Chain(rule), "-p", "tcp", end, a, .. rest]);
    }
}
