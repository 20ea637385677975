using System.Globalization;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Providers.Nftables;

/// <summary>Reads <c>nft -j list ruleset</c>. A match it does not know makes a rule narrower, never wider.</summary>
internal static class NftReader
{
    public static IReadOnlyList<InstalledFirewallRule> Read(string json, IReadOnlyCollection<int> ports) =>
        ForeignJson.Read(
            json,
            all => Read((all as JObject)?["nftables"]?.OfType<JObject>().ToArray() ?? [], ports),
            static e => FirewallFaults.Unreadable(FirewallProvider.Nftables, e));

    private static List<InstalledFirewallRule> Read(JObject[] items, IReadOnlyCollection<int> ports)
    {
        // A word, or a list of words.
        HashSet<string> dormant = [.. items.Select(static i => i["table"]).OfType<JObject>()
            .Where(static t => t["flags"]?.ToString().Contains("dormant", StringComparison.Ordinal) == true)
            .Select(static t => $"{t.Value<string>("family")} {t.Value<string>("name")}")];
        items = [.. items.Where(i => (i["chain"] ?? i["rule"]) is not JObject one
            || !dormant.Contains($"{one.Value<string>("family")} {one.Value<string>("table")}"))];
        var bases = new Dictionary<string, RuleFlow>(StringComparer.Ordinal);
        var found = new List<InstalledFirewallRule>();
        foreach (JToken chain in items.Select(static i => i["chain"]).OfType<JToken>())
        {
            if (chain.Value<string>("type") == "filter" && chain.Value<string>("hook") is "input" or "output")
            {
                RuleFlow flow = chain.Value<string>("hook") == "input" ? RuleFlow.In : RuleFlow.Out;
                string name = Name(chain, "name");
                bases[name] = flow;
                bool drops = chain.Value<string>("policy") == "drop";
                found.Add(new InstalledFirewallRule
                {
                    Provider = FirewallProvider.Nftables,
                    Flow = flow,
                    Family = Family(chain),
                    Action = drops ? InstalledAction.Deny : InstalledAction.Allow,
                    IsDefault = true,
                    Persistent = null,
                    Chain = name,
                    Order = int.MaxValue,
                    Text = $"chain {name}: policy {(drops ? "drop" : "accept")}",
                });
            }
        }

        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        var handles = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (JToken rule in items.Select(static i => i["rule"]).OfType<JToken>())
        {
            string chain = Name(rule, "chain");
            int place = places[chain] = places.GetValueOrDefault(chain) + 1;
            bool known = bases.TryGetValue(chain, out RuleFlow flow);
            if (One(rule, chain, known ? flow : null, ports) is { } one)
            {
                found.Add(one with { Order = place, After = handles.GetValueOrDefault(chain) });
            }

            handles[chain] = rule.Value<long>("handle");
        }

        return found;
    }

    /// <summary>The tables of a listing as family and name, but for those that are dormant.</summary>
    public static IReadOnlyList<string> TablesInForce(string listed, out bool dormant)
    {
        var tables = new List<string>();
        dormant = false;
        foreach (string line in listed.Split('\n'))
        {
            if (line.StartsWith("table ", StringComparison.Ordinal) && line.Split(' ') is [_, var family, var name, ..])
            {
                tables.Add($"{family} {name}");
            }
            else if (HostFilterReader.IsDormant(line) && tables.Count > 0)
            {
                tables.RemoveAt(tables.Count - 1);
                dormant = true;
            }
        }

        return tables;
    }

    private static InstalledFirewallRule? One(
        JToken rule, string chain, RuleFlow? hook, IReadOnlyCollection<int> ports)
    {
        InstalledAction action = InstalledAction.Other;
        PortSpans spans = new();
        var peers = new List<string>();
        RuleFamily? family = Family(rule);
        RuleFlow? end = null;
        bool narrow = false;
        foreach (JProperty part in (rule["expr"] as JArray ?? []).OfType<JObject>().SelectMany(o => o.Properties()))
        {
            switch (part.Name)
            {
                case "accept":
                    action = InstalledAction.Allow;
                    break;
                case "drop" or "reject":
                    action = InstalledAction.Deny;
                    break;
                case "counter" or "log":
                    break;
                case "match" when part.Value.Value<string>("op") == "==":
                    JToken? right = part.Value["right"];
                    (string protocol, string field) = Left(part.Value["left"]);
                    if (field == "dport" && protocol is "tcp" or "th")
                    {
                        Ports(right, spans);
                        narrow |= spans.IsAll;
                    }
                    else if (field is "saddr" or "daddr" && protocol is "ip" or "ip6")
                    {
                        family = protocol == "ip" ? RuleFamily.IPv4 : RuleFamily.IPv6;
                        end = field == "saddr" ? RuleFlow.In : RuleFlow.Out;
                        peers.AddRange(Peers(right));
                    }
                    else if (field == "nfproto" && protocol == "meta")
                    {
                        family = right?.ToString() == "ipv4" ? RuleFamily.IPv4 : RuleFamily.IPv6;
                    }
                    else
                    {
                        narrow |= !(field == "l4proto" && right?.ToString() == "tcp");
                    }

                    break;
                default:
                    narrow = true;
                    break;
            }
        }

        string? id = Ours(rule.Value<string>("comment"));
        // Without a port it matters only if it meets everything; with one, if it is one of ours.
        bool matters = id is not null || (spans.IsAll
            ? hook is not null && !narrow && action != InstalledAction.Other
            : spans.Touches(ports));
        return !matters ? null : new InstalledFirewallRule
        {
            RuleId = id,
            Provider = FirewallProvider.Nftables,
            Flow = hook ?? end ?? RuleFlow.In,
            Port = spans.Only,
            RemoteAddress = peers,
            Family = family,
            Action = hook is null && id is null ? InstalledAction.Other : action,
            Chain = chain,
            Handle = rule.Value<long>("handle"),
            Text = $"{chain} handle {rule.Value<long>("handle").ToString(CultureInfo.InvariantCulture)}: "
                + Words(rule),
        };
    }

    /// <summary>Our rule's id out of a comment.</summary>
    public static string? Ours(string? comment)
    {
        const string Mark = "scanengine:";
        return comment is not null && comment.StartsWith(Mark, StringComparison.Ordinal)
            && FirewallRuleId.IsValid(comment[Mark.Length..]) ? comment[Mark.Length..] : null;
    }

    private static (string Protocol, string Field) Left(JToken? left) =>
        left?["payload"] is JObject payload
            ? (payload.Value<string>("protocol") ?? string.Empty, payload.Value<string>("field") ?? string.Empty)
            : left?["meta"] is JObject meta ? ("meta", meta.Value<string>("key") ?? string.Empty)
            : (string.Empty, string.Empty);

    private static void Ports(JToken? right, PortSpans spans)
    {
        foreach (JToken one in Members(right))
        {
            if (one.Type == JTokenType.Integer)
            {
                spans.Add(one.Value<int>(), one.Value<int>());
            }
            else if (one is JObject && one["range"] is JArray { Count: 2 } range)
            {
                spans.Add(range[0].Value<int>(), range[1].Value<int>());
            }
        }
    }

    private static IEnumerable<string> Peers(JToken? right)
    {
        foreach (JToken one in Members(right))
        {
            string text = one is JObject && one["prefix"] is JObject prefix
                ? $"{prefix.Value<string>("addr")}/{prefix.Value<int>("len").ToString(CultureInfo.InvariantCulture)}"
                : one.Type == JTokenType.String ? one.ToString() : one.ToString(Formatting.None);
            if (PeerAddresses.Plain(text) is { } peer)
            {
                yield return peer;
            }
        }
    }

    private static IEnumerable<JToken> Members(JToken? right) => right switch
    {
        null => [],
        JObject set when set["set"] is JArray members =>
            members.Select(static m => m is JObject && m["elem"]?["val"] is { } value ? value : m),
        _ => [right],
    };

    // Much the same as nft's own words, so that an admin finds the rule again.
    private static string Words(JToken rule)
    {
        IEnumerable<string> parts = (rule["expr"] as JArray ?? []).OfType<JObject>().Select(static o =>
        {
            JProperty part = o.Properties().First();
            if (part.Name != "match")
            {
                return part.Name == "jump" ? $"jump {part.Value["target"]}" : part.Name;
            }

            (string protocol, string field) = Left(part.Value["left"]);
            IEnumerable<string> right = Members(part.Value["right"]).Select(static m => m.Type switch
            {
                JTokenType.Object when m["range"] is JArray { Count: 2 } r => $"{r[0]}-{r[1]}",
                JTokenType.Object when m["prefix"] is JObject p => $"{p["addr"]}/{p["len"]}",
                _ => m.ToString(Formatting.None).Trim('"'),
            });
            return field.Length == 0
                ? part.Value.ToString(Formatting.None)
                : $"{protocol} {field} {string.Join(",", right)}";
        });
        return string.Join(' ', parts);
    }

    private static string Name(JToken item, string chain) =>
        $"{item.Value<string>("family")} {item.Value<string>("table")} {item.Value<string>(chain)}";

    private static RuleFamily? Family(JToken item) => item.Value<string>("family") switch
    {
        "ip" => RuleFamily.IPv4,
        "ip6" => RuleFamily.IPv6,
        _ => null,
    };
}
