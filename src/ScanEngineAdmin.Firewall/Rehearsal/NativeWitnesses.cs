using System.Text.RegularExpressions;
using Newtonsoft.Json.Linq;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>Makes witnesses for a native rule set, out of its JSON listing.</summary>
internal static partial class NativeWitnesses
{
    private static readonly HashSet<string> Marks = new(StringComparer.Ordinal) { "counter", "log", "comment", "xt" };

    private static readonly HashSet<string> Keys = new(StringComparer.Ordinal)
    {
        "time", "hour", "day", "cgroup", "cpu", "random", "priority", "iifkind", "oifkind", "length", "rtclassid",
        "ipsec", "secpath", "secmark", "sdif", "sdifname", "nftrace",
    };

    private static readonly HashSet<string> Fields = new(StringComparer.Ordinal)
    {
        "ttl", "hoplimit", "id", "window", "sequence", "ackseq", "flowlabel", "doff", "length", "checksum", "dscp", "ecn",
        "reserved",
    };

    // Those of TCP that every connection begins with, and those that none has while it begins.
    private static readonly HashSet<string> Options = new(StringComparer.Ordinal)
    {
        "maxseg", "sack", "sack0", "sack1", "sack2", "sack3", "md5sig",
    };

    private static readonly HashSet<string> Counts = new(StringComparer.Ordinal)
    {
        "bytes", "packets", "avgpkt", "expiration", "id",
    };

    /// <param name="listing">nft -j list ruleset.</param>
    /// <param name="uncertainty">What cannot be known.</param>
    /// <param name="first">The number of the first witness.</param>
    /// <returns>Each witness with the statement that sets it, and one that has no conditions at all.</returns>
    /// <exception cref="RehearsalException">The listing cannot be read.</exception>
    public static IReadOnlyList<(Witness Witness, JObject Statement, JObject Bare)> Of(
        string listing, Uncertainty uncertainty, int first) => ForeignJson.Read(
            listing,
            all => Of((all as JObject)?["nftables"]?.OfType<JObject>().ToArray() ?? [], uncertainty, first),
            static e => new RehearsalException($"What nft lists is not in the form that is known ({e.Message})."));

    private static List<(Witness Witness, JObject Statement, JObject Bare)> Of(
        JObject[] items, Uncertainty uncertainty, int first)
    {
        JObject[] rules = [.. items.Select(static i => i["rule"]).OfType<JObject>()];
        JObject[] sets = [.. items.Select(static i => (i["set"] ?? i["map"]) as JObject).OfType<JObject>()];
        HashSet<string> changing = sets.Where(static s => (s["flags"] is JArray f && f.Any(static x => x.ToString() == "dynamic"))
                || s.Descendants().OfType<JProperty>().Any(static p => p.Name is "limit" or "quota" or "ct count"))
            .Select(static s => "@" + s.Value<string>("name"))
            .Concat(rules.SelectMany(static r => r.Descendants().OfType<JProperty>())
                .Where(static p => p.Name == "set" && p.Value is JObject o && o["op"] is not null)
                .Select(static p => p.Value["set"]?.ToString() ?? string.Empty))
            .Concat(rules.SelectMany(Texts).SelectMany(static t => Fills().Matches(t)).Select(static m => m.Value))
            .ToHashSet(StringComparer.Ordinal);

        // Elements whose time is up only go: an address that is not in such a set stays out of it.
        HashSet<string> changingOrExpiring = [.. changing, .. sets
            .Where(static s => s.Descendants().OfType<JProperty>().Any(static p => p.Name is "timeout" or "expires"))
            .Select(static s => "@" + s.Value<string>("name"))];
        HashSet<JObject> denying = RestOfChain.Denying(
            rules, items.Select(static i => i["chain"]).OfType<JObject>());
        var found = new List<(Witness, JObject, JObject)>();
        foreach (JObject rule in rules.Where(static r => r.Value<string>("table") != RehearsalTables.Name))
        {
            JObject[] parts = [.. (rule["expr"] as JArray ?? []).OfType<JObject>()];
            string[] texts = [.. Texts(rule)];
            Uncertainty here = uncertainty with
            {
                TargetUnknown = rule.Value<string>("family") == RehearsalTables.Device,
            };
            bool uncertain = parts.Any(p => IsUncertain(p, here, changingOrExpiring))
                || texts.Any(t => !t.TrimEnd().EndsWith('}') || here.MayBeIn(t)
                    || Names().Matches(t).Any(m => changingOrExpiring.Contains(m.Value)));
            if (!uncertain || parts.Any(IsOfAnotherProtocol))
            {
                continue;
            }

            WitnessEffect effect = texts.Length > 0 ? WitnessEffect.Other : Effect(parts, here, changingOrExpiring);
            if (effect == WitnessEffect.None)
            {
                continue;
            }

            string mark = Witness.MarkOf(first + found.Count);
            JObject[] certain = [.. parts.Where(p => p["match"] is JObject match && !IsUncertain(
                p, here, match.Value<string>("op") == "!=" ? changingOrExpiring : changing))];
            found.Add((
                new Witness(mark, effect, string.Empty) { ElseDenies = denying.Contains(rule) },
                Insert(rule, mark, certain), Insert(rule, mark, [])));
        }

        return found;
    }

    // For a jump to a chain without a name nft has no form in JSON: all of that chain is listed as one text, and cut where
    // it is long.
    private static IEnumerable<string> Texts(JObject rule) => (rule["expr"] as JArray ?? []).OfType<JValue>()
        .Select(static part => RuleWords.Texts().Replace(part.ToString(), "-"));

    // Only TCP is asked about, and what the kernel sends by itself, as it looks for routers, is none of that.
    private static bool IsOfAnotherProtocol(JObject part) =>
        part["match"] is JObject match && match.Value<string>("op") == "==" && match["left"] is JObject left
        && ((left["payload"] as JObject)?.Value<string>("protocol") is "icmp" or "icmpv6" or "igmp" or "udp"
            || ((left["meta"] as JObject)?.Value<string>("key") == "l4proto"
                && match["right"] is JValue { Value: string and not "tcp" }));

    private static JObject Insert(JObject rule, string mark, JObject[] certain) => new()
    {
        ["insert"] = new JObject
        {
            ["rule"] = new JObject
            {
                ["family"] = rule["family"],
                ["table"] = rule["table"],
                ["chain"] = rule["chain"],
                ["handle"] = rule["handle"],
                ["expr"] = new JArray([.. certain, new JObject { ["counter"] = null }]),
                ["comment"] = mark,
            },
        },
    };

    private static WitnessEffect Effect(JObject[] parts, Uncertainty uncertainty, HashSet<string> changing)
    {
        string[] does = [.. parts.Where(p => p["match"] is null && !Marks.Contains(Name(p)) && !IsCondition(p))
            .Select(Name)];
        return does switch
        {
            [] => WitnessEffect.None,
            ["accept"] => WitnessEffect.Accept,
            ["drop" or "reject"] => WitnessEffect.Deny,
            ["return"] => WitnessEffect.Return,
            _ => WitnessEffect.Other,
        };

        bool IsCondition(JObject p) => Name(p) is "limit" or "quota" or "ct count" or "ct limit"
            || (Name(p) is "set" or "meter" && IsUncertain(p, uncertainty, changing))
            || (Name(p) == "set" && p["set"]?["op"] is not null);
    }

    private static string Name(JObject part) => part.Properties().First().Name;

    private static bool IsUncertain(JObject part, Uncertainty uncertainty, HashSet<string> sets) => Name(part) switch
    {
        "limit" or "quota" or "ct count" or "queue" or "synproxy" or "tproxy" or "meter" or "fwd" or "dup" => true,
        "match" when part["match"] is JObject match && Real(match["left"]) is { } real && Asked(match) is { } asked =>
            RealSpans.IsSplit(real, asked),

        // What is written over is not asked about, and no filter decides by what it does to options of TCP.
        "mangle" => part["mangle"]?["key"]?["tcp option"] is null
            && part["mangle"]?["value"] is JObject value && IsUncertain(value, uncertainty, sets),
        "reset" or "log" => false,
        "dnat" or "redirect" when part.Descendants().Any(static token => token
            is JProperty { Name: "range" or "prefix" } or JValue { Value: "random" or "fully-random" }) => true,
        _ => part.DescendantsAndSelf().Any(token => token switch
        {
            JProperty
            {
                Name: "numgen" or "osf" or "limit" or "quota" or "ct count" or "jhash" or "symhash" or "rt"
                or "ipsec"
            } => true,
            JProperty { Name: "&" or "|" or "^" or "<<" or ">>" } sum => sum.Descendants().Any(IsPort),
            JProperty { Name: "tcp option", Value: JObject option } => !Is(option, "name", Options)
                || option.Value<string>("field") == "size",
            JProperty { Name: "meta", Value: JObject meta } =>
                Is(meta, "key", Keys) || (uncertainty.UserUnknown && meta.Value<string>("key") is "skuid" or "skgid"),
            JProperty { Name: "socket", Value: JObject } => true,
            JProperty { Name: "ct", Value: JObject ct } => Is(ct, "key", Counts),
            JProperty { Name: "payload", Value: JObject payload } => Is(payload, "field", Fields) || IsRaw(payload, uncertainty)
                || (payload.Value<string>("protocol") == "ether" && payload.Value<string>("field") switch
                {
                    "saddr" => uncertainty.MacUnknown,
                    "daddr" => uncertainty.TargetUnknown,
                    _ => false,
                }),
            JValue { Type: JTokenType.String } text => Name(part) != "set" && sets.Contains(text.ToString()),
            _ => false,
        }),
    };

    // What bounds the copy's packets have in common with a real connection's; null for what has no such bounds.
    private static (int Low, int High)? Real(JToken? left) => (left as JObject)?.Properties().FirstOrDefault() switch
    {
        { Name: "payload", Value: JObject of } => (of.Value<string>("protocol"), of.Value<string>("field")) switch
        {
            ("tcp", "doff") => RealSpans.Words,
            ("ip", "length") => RealSpans.Length,
            ("ip6", "length") => RealSpans.Payload,
            _ => null,
        },
        { Name: "meta", Value: JObject of } when of.Value<string>("key") == "length" => RealSpans.Length,
        { Name: "tcp option", Value: JObject of } when of.Value<string>("name") == "maxseg"
            && of.Value<string>("field") == "size" => RealSpans.SegmentSize,
        _ => null,
    };

    // The values that a match is about, whether it wants them or not; null where the rule does not say them itself.
    private static (long Low, long High)[]? Asked(JObject match)
    {
        JToken? right = match["right"];
        (long Low, long High)?[] spans = right is JObject { } held && held["set"] is JArray set
            ? [.. set.Select(Span)] : [Span(right)];
        return spans.Contains(null) ? null : [.. spans.Select(span => match.Value<string>("op") switch
        {
            "<" => (long.MinValue, span!.Value.Low - 1),
            "<=" => (long.MinValue, span!.Value.Low),
            ">" => (span!.Value.Low + 1, long.MaxValue),
            ">=" => (span!.Value.Low, long.MaxValue),
            _ => span!.Value,
        })];
    }

    private static (long Low, long High)? Span(JToken? token) => token switch
    {
        JValue { Type: JTokenType.Integer } one => (one.Value<long>(), one.Value<long>()),
        JObject range when range["range"] is JArray { Count: 2 } ends
            && ends.All(static e => e.Type == JTokenType.Integer) => (ends[0].Value<long>(), ends[1].Value<long>()),
        _ => null,
    };

    // Either may be the dialling end's: an answer has as its target what the question has as its source.
    private static bool IsPort(JToken token) =>
        token is JProperty { Name: "field", Value: JValue { Value: "sport" or "dport" } }
            or JProperty { Name: "key", Value: JValue { Value: "proto-src" or "proto-dst" } };

    // Bytes by their place: known are those of the asked port, the flags, the protocol and addresses of IPv4, and what
    // of Ethernet is not the sender's.
    private static bool IsRaw(JObject payload, Uncertainty uncertainty)
    {
        if (payload["base"] is null)
        {
            return false;
        }

        int from = payload.Value<int>("offset");
        int to = from + payload.Value<int>("len");
        return !(payload.Value<string>("base") switch
        {
            "ll" => (Within(0, 48) && !uncertainty.TargetUnknown) || Within(96, 112),
            "nh" => Within(72, 80) || Within(96, 160),
            "th" => Within(16, 32) || Within(104, 112),
            _ => false,
        });

        bool Within(int low, int high) => from >= low && to <= high;
    }

    private static bool Is(JObject expression, string name, HashSet<string> names) =>
        expression.Value<string>(name) is { } value && names.Contains(value);

    [GeneratedRegex(@"(?<=\b(add|update|delete) )@[\w./\\-]+")]
    private static partial Regex Fills();

    [GeneratedRegex(@"@[\w./\\-]+")]
    private static partial Regex Names();
}
