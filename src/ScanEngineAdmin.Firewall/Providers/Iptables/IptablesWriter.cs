using System.Globalization;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Providers.Iptables;

/// <summary>
/// iptables, whichever backend. Deleting goes by the comment and not by the whole rule, so that a rule whose peer has
/// since moved is found as well.
/// </summary>
internal sealed class IptablesWriter(RulePlaces? places = null) : IFirewallWriter
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
        [.. Backends(rule).SelectMany(backend => Calls("-I", rule, backend))];

    // As it was found, word for word: an admin may have changed it since.
    public IReadOnlyList<ToolCall> CloseCalls(InstalledFirewallRule installed) => [new ToolCall(
        Tool(installed.Family ?? RuleFamily.IPv4, installed.Backend),
        ["-w", "-D", .. IptablesReader.Words(installed.Text).Skip(1)])];

    /// <summary>The rule, one for each peer, in one backend.</summary>
    /// <param name="verb">-I or -D.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="backend">One of <see cref="Backends"/>.</param>
    public static IEnumerable<ToolCall> Calls(string verb, FirewallRule rule, string backend) =>
        Specs(rule).Select(spec => new ToolCall(Tool(rule.AddressFamily, backend), ["-w", verb, .. spec]));

    /// <summary>
    /// The rule at the head of its chain and its old ones gone, in one transaction: -D takes the first rule that is
    /// equal, which would be the new one, and between two calls the way would be open twice or not at all.
    /// </summary>
    /// <param name="rule">The rule.</param>
    /// <param name="old">Its rules in that backend, as they were found.</param>
    /// <param name="backend">One of <see cref="Backends"/>.</param>
    public static ToolCall Renew(FirewallRule rule, IEnumerable<InstalledFirewallRule> old, string backend) =>
        Transaction(rule.AddressFamily, backend, old, Specs(rule).Select(
            static spec => string.Join(' ', spec.Prepend("-I"))));

    /// <summary>Takes <see cref="Renew"/> back: the old rules at their places again.</summary>
    /// <param name="family">Of these rules.</param>
    /// <param name="now">The rules in that backend, as they are now.</param>
    /// <param name="old">As they were.</param>
    /// <param name="backend">One of <see cref="Backends"/>.</param>
    public static ToolCall PutBack(
        RuleFamily family, IEnumerable<InstalledFirewallRule> now, IEnumerable<InstalledFirewallRule> old,
        string backend) => Transaction(
            family, backend, now, old.OrderBy(static r => r.Order).Select(static r => string.Create(
                CultureInfo.InvariantCulture, $"-I {r.Chain} {r.Order} {r.Text[$"-A {r.Chain} ".Length..]}")));

    public static string Chain(FirewallRule rule) => rule.Flow == RuleFlow.In ? "INPUT" : "OUTPUT";

    /// <param name="family">Which packets.</param>
    /// <param name="backend">iptables, iptables-nft or iptables-legacy, for either family.</param>
    public static string Tool(RuleFamily family, string backend = RulePlaces.PlainBackend) =>
        family == RuleFamily.IPv4 ? backend : "ip6" + backend["ip".Length..];

    /// <summary>The backends that the rule has to be in.</summary>
    public IReadOnlyList<string> Backends(FirewallRule rule) =>
        places?.Of(rule.RuleId, string.Empty) is { Count: > 0 } tried ? tried : [RulePlaces.PlainBackend];

    private static ToolCall Transaction(
        RuleFamily family, string backend, IEnumerable<InstalledFirewallRule> gone, IEnumerable<string> lines) => new(
            Tool(family, backend) + "-restore", ["--noflush", "-w"],
            $"*filter\n{string.Concat(gone.Select(static r => $"-D{r.Text[2..]}\n").Concat(
                lines.Select(static line => line + "\n")))}COMMIT\n");

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
