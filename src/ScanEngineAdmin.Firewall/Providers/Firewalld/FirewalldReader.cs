using System.Text.RegularExpressions;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Firewall.Providers.Firewalld;

/// <summary>
/// Reads the zones of firewalld (<c>--list-all-zones</c>) and the direct rules, those in force and those that are kept.
/// A rich rule that denies is asked before any that allows, wherever it stands.
/// </summary>
internal static partial class FirewalldReader
{
    /// <summary>The chain of a direct rule.</summary>
    public const string Direct = "direct";

    /// <summary>The names that stand at the beginning of a line, as those of zones and policies do.</summary>
    public static IEnumerable<string> Names(string listed) => listed.Split('\n')
        .Where(static line => line.Length > 0 && !char.IsWhiteSpace(line[0])).Select(static line => line.Split(' ')[0]);

    public static IReadOnlyList<InstalledFirewallRule> ReadZones(string listed, IReadOnlyCollection<int> ports)
    {
        var found = new List<InstalledFirewallRule>();
        string zone = string.Empty;
        foreach (string whole in listed.Split('\n'))
        {
            string line = whole.Trim();
            if (Names(whole).FirstOrDefault() is { } name)
            {
                zone = name;
            }
            else if (line.StartsWith("target:", StringComparison.Ordinal))
            {
                string target = line["target:".Length..].Trim();
                found.Add(new InstalledFirewallRule
                {
                    Provider = FirewallProvider.Firewalld,
                    Flow = RuleFlow.In,
                    Action = target == "ACCEPT" ? InstalledAction.Allow : InstalledAction.Deny,
                    IsDefault = true,
                    Chain = zone,
                    Order = int.MaxValue,
                    Text = $"zone {zone}: target {target}",
                });
            }
            else if (line.StartsWith("ports:", StringComparison.Ordinal))
            {
                found.AddRange(line["ports:".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)
                    .Where(static p => p.EndsWith("/tcp", StringComparison.Ordinal))
                    .Select(static p => (Text: p, Spans: PortSpans.Read(p[..^4])))
                    .Where(p => p.Spans.Touches(ports))
                    .Select(p => Rule(
                        zone, p.Spans, null, null, InstalledAction.Allow, $"zone {zone}: port {p.Text}")));
            }
            else if (line.StartsWith("rule ", StringComparison.Ordinal) && Rich(zone, line, ports) is { } rich)
            {
                found.Add(rich);
            }
        }

        return found;
    }

    public static IReadOnlyList<InstalledFirewallRule> ReadDirect(string listed, IReadOnlyCollection<int> ports)
    {
        var found = new List<InstalledFirewallRule>();
        foreach (string line in listed.Split(
            '\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split(' ') is not [("ipv4" or "ipv6") and var family, "filter", "INPUT" or "OUTPUT", _, ..] words)
            {
                continue;
            }

            string After(string option) =>
                Array.IndexOf(words, option) is >= 0 and var at && at + 1 < words.Length ? words[at + 1] : string.Empty;
            PortSpans spans = PortSpans.Read(After("--dport"));
            string end = After(words[2] == "OUTPUT" ? "-d" : "-s");
            string? peer = PeerAddresses.Plain(end.Length > 0 ? end : "any");
            if (words[2] == "OUTPUT" && words is [_, _, _, _, "-j", ..] && !found.Exists(static r => r.IsDefault)
                && OutboundDefault.DirectDenies(listed, string.Empty))
            {
                found.Add(Rule(Direct, spans, null, null, InstalledAction.Deny, line) with
                {
                    Flow = RuleFlow.Out,
                    IsDefault = true,
                    Order = int.MaxValue,
                });
            }
            else if (!spans.IsAll && spans.Touches(ports))
            {
                InstalledAction action = After("-j") switch
                {
                    "ACCEPT" => InstalledAction.Allow,
                    "DROP" or "REJECT" => InstalledAction.Deny,
                    _ => InstalledAction.Other,
                };
                found.Add(Rule(Direct, spans, peer, family, action, line) with
                {
                    Flow = words[2] == "OUTPUT" ? RuleFlow.Out : RuleFlow.In,
                });
            }
        }

        return found;
    }

    /// <summary>The rich rules of the policies that deny what this host sends, and that they do.</summary>
    /// <param name="listed">All policies, as firewalld lists them.</param>
    /// <param name="ports">The ports that matter.</param>
    /// <param name="kept">Whether it is what is kept: there none is said to be active.</param>
    public static IReadOnlyList<InstalledFirewallRule> ReadPolicies(
        string listed, IReadOnlyCollection<int> ports, bool kept = false)
    {
        var found = new List<InstalledFirewallRule>();
        IReadOnlyList<string> denying = OutboundDefault.DenyingPolicies(listed, activeOnly: false);
        IReadOnlyList<string> inForce = kept ? denying : OutboundDefault.DenyingPolicies(listed);
        string policy = string.Empty;
        foreach (string line in listed.Split('\n'))
        {
            string text = line.Trim();
            if (line.Length > 0 && !char.IsWhiteSpace(line[0]))
            {
                policy = text.Split(' ')[0];
            }
            else if (!denying.Contains(policy, StringComparer.Ordinal))
            {
                continue;
            }
            else if (text.StartsWith("target:", StringComparison.Ordinal)
                && inForce.Contains(policy, StringComparer.Ordinal))
            {
                found.Add(Rule(FirewalldWriter.Policy + policy, PortSpans.Read(string.Empty), null, null,
                    InstalledAction.Deny, $"policy {policy}: {text}") with
                {
                    Flow = RuleFlow.Out,
                    IsDefault = true,
                    Order = int.MaxValue,
                });
            }
            else if (text.StartsWith("rule ", StringComparison.Ordinal)
                && Rich(FirewalldWriter.Policy + policy, text, ports, "destination") is { } rich)
            {
                found.Add(rich with { Flow = RuleFlow.Out, Text = $"policy {policy}: {rich.Text}" });
            }
        }

        return found;
    }

    /// <summary>What is in force, with word of whether it is kept as well; then what is only kept.</summary>
    public static IEnumerable<InstalledFirewallRule> Merge(
        IReadOnlyList<InstalledFirewallRule> now, IReadOnlyList<InstalledFirewallRule> kept)
    {
        HashSet<(string, string)> asked = [.. now.Select(static r => (r.Chain, r.Text))];
        HashSet<(string, string)> texts = [.. kept.Select(static r => (r.Chain, r.Text))];
        return now.Select(r => r with { Persistent = texts.Contains((r.Chain, r.Text)) }).Concat(kept
            .Where(r => !r.IsDefault && !asked.Contains((r.Chain, r.Text)))
            .Select(static r => r with { Persistent = true, InForce = false }));
    }

    private static InstalledFirewallRule? Rich(
        string zone, string line, IReadOnlyCollection<int> ports, string end = "source")
    {
        string Value(string pattern) => Regex.Match(line, pattern).Groups[1].Value;
        if (!PortPart().IsMatch(line) || Value("protocol=\"([a-z]+)\"") != "tcp")
        {
            return null;
        }

        PortSpans spans = PortSpans.Read(Value(" port port=\"([^\"]*)\""));
        string source = Value(end + " address=\"([^\"]*)\"");
        string family = Value("family=\"([^\"]*)\"");
        InstalledAction action = line.Contains(" accept", StringComparison.Ordinal) ? InstalledAction.Allow
            : line.Contains(" drop", StringComparison.Ordinal) || line.Contains(" reject", StringComparison.Ordinal)
                ? InstalledAction.Deny
                : InstalledAction.Other;
        // Anything more in it makes it narrower than a rule of ours.
        string other = end == "source" ? "destination " : "source ";
        if ((source.Length == 0 && line.Contains(end + " ", StringComparison.Ordinal))
            || line.Contains(other, StringComparison.Ordinal))
        {
            action = InstalledAction.Other;
        }

        return spans.IsAll || !spans.Touches(ports)
            ? null
            : Rule(zone, spans, source.Length == 0 ? null : PeerAddresses.Plain(source), family, action, line);
    }

    private static InstalledFirewallRule Rule(
        string chain, PortSpans spans, string? peer, string? family, InstalledAction action, string text) => new()
        {
            Provider = FirewallProvider.Firewalld,
            Flow = RuleFlow.In,
            Port = spans.Only,
            RemoteAddress = peer is null ? [] : [peer],
            Family = family switch
            {
                "ipv4" => RuleFamily.IPv4,
                "ipv6" => RuleFamily.IPv6,
                _ => null,
            },
            Action = action,
            Chain = chain,
            Order = action == InstalledAction.Deny ? -1 : 0,
            Text = text,
        };

    [GeneratedRegex(" port port=\"")]
    private static partial Regex PortPart();
}
