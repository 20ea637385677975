using System.Text.RegularExpressions;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Providers.Firewalld;

/// <summary>The lines that firewalld writes into the kernel's filter for rules of this product.</summary>
/// <param name="places">The zone of each peer of a rule.</param>
/// <param name="policies">The policies that deny what the host sends.</param>
internal sealed class FirewalldLines(RulePlaces places, IReadOnlyList<string> policies)
{
    private const string Table = "inet firewalld";

    /// <summary>A host's filter without what firewalld has there for these rules.</summary>
    public static HostFilter Without(HostFilter filter, IReadOnlyList<FirewallRule> rules)
    {
        // An older firewalld asks for the connection's state as well.
        Regex[] native = [.. rules.SelectMany(Bodies).Select(static body => new Regex(
            $"^\\s*{Regex.Escape(body[..^" accept".Length])}( ct state (new,untracked|{{ new, untracked }}))? accept$",
            RegexOptions.None, TimeSpan.FromSeconds(1)))];
        HashSet<string> direct = rules.Where(static r => r.Flow == RuleFlow.Out).SelectMany(Direct)
            .Select(static words => $"-A OUTPUT {string.Join(' ', words)}").ToHashSet(StringComparer.Ordinal);
        return rules.Count == 0 ? filter : filter with
        {
            Native = Lines(filter.Native, line => native.Any(n => n.IsMatch(line))),
            Saved = [.. filter.Saved.Select(s => s with
            {
                Text = Lines(s.Text, line => direct.Contains(
                    line.Replace("-p tcp -m tcp --dport", "-p tcp --dport", StringComparison.Ordinal))),
            })],
        };
    }

    /// <summary>Sets in a copy of the host's filter what firewalld would set.</summary>
    public IReadOnlyList<ToolCall> Calls(FirewallRule rule, HostFilter filter)
    {
        string tables = rule.AddressFamily == RuleFamily.IPv4 ? "iptables" : "ip6tables";
        bool native = filter.Native.Contains($"table {Table} ", StringComparison.Ordinal);
        if (rule.Flow == RuleFlow.In)
        {
            return [.. RuleText.Addresses(rule).DefaultIfEmpty(string.Empty).SelectMany(
                address => places.Of(rule.RuleId, address).SelectMany(zone => native
                    ? [InChain(Only(rule, address), $"filter_IN_{RuleText.Identifier(zone)}_allow")]
                    : Words(Only(rule, address), "-s").Select(words => new ToolCall(
                        tables, ["-w", "-A", $"IN_{RuleText.Identifier(zone)}_allow", .. words]))))];
        }

        return [.. (policies.Count == 0 ? [FirewalldWriter.Direct] : policies).SelectMany<string, ToolCall>(
            policy => policy != FirewalldWriter.Direct
                ? [InChain(rule, $"filter_OUT_policy_{RuleText.Identifier(policy)}_allow")]
                : Direct(rule).Select(words => new ToolCall(
                    tables, ["-w", "-I", native ? "OUTPUT" : "OUTPUT_direct", .. words])))];
    }

    private static ToolCall InChain(FirewallRule rule, string chain) => new(
        "nft", ["-f", "-"], string.Concat(Bodies(rule).Select(body => $"add rule {Table} {chain} {body}\n")));

    private static IEnumerable<string> Bodies(FirewallRule rule)
    {
        bool v4 = rule.AddressFamily == RuleFamily.IPv4;
        string end = $"{(v4 ? "ip" : "ip6")} {(rule.Flow == RuleFlow.In ? "saddr" : "daddr")}";
        IReadOnlyList<string> addresses = RuleText.Addresses(rule);
        return addresses.Count == 0
            ? [$"meta nfproto {(v4 ? "ipv4" : "ipv6")} tcp dport {RuleText.Port(rule)} accept"]
            : addresses.Select(a => $"{end} {a} tcp dport {RuleText.Port(rule)} accept");
    }

    private static IEnumerable<string[]> Direct(FirewallRule rule) => Words(rule, "-d");

    private static FirewallRule Only(FirewallRule rule, string address) =>
        rule with { RemoteAddress = address.Length == 0 ? [] : [address] };

    private static IEnumerable<string[]> Words(FirewallRule rule, string end)
    {
        string length = rule.AddressFamily == RuleFamily.IPv4 ? "/32" : "/128";
        IReadOnlyList<string> addresses = RuleText.Addresses(rule);
        return (addresses.Count == 0 ? [string.Empty] : addresses).Select(a => (string[])[
            .. a.Length == 0 ? (string[])[] : [end, a.Contains('/', StringComparison.Ordinal) ? a : a + length],
            "-p", "tcp", "--dport", RuleText.Port(rule), "-j", "ACCEPT"]);
    }

    private static string Lines(string text, Func<string, bool> gone) =>
        string.Join('\n', text.Split('\n').Where(line => !gone(line)));
}
