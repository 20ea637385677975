using System.Globalization;
using System.Text.RegularExpressions;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>One table of a filter, and what of it other tables can notice.</summary>
/// <param name="Manager">The tool that owns the table: nft, iptables-nft or iptables-legacy.</param>
/// <param name="Family">ip, ip6, inet or netdev.</param>
/// <param name="Name">Its name.</param>
/// <param name="Text">Its lines.</param>
internal sealed partial record FilterTable(string Manager, string Family, string Name, string Text)
{
    private static readonly Dictionary<string, int> Named = new(StringComparer.Ordinal)
    {
        ["raw"] = -300,
        ["mangle"] = -150,
        ["dstnat"] = -100,
        ["filter"] = 0,
        ["security"] = 50,
        ["srcnat"] = 100,
    };

    private static readonly HashSet<string> Plain = new(StringComparer.Ordinal)
    {
        "ACCEPT", "DROP", "REJECT", "RETURN", "LOG", "NFLOG", "ULOG", "AUDIT", "TRACE",
    };

    /// <summary>What is loaded in one go: the tables of iptables and ip6tables are never in each other's way.</summary>
    public string Unit => Manager == "nft" ? $"{Family} {Name}" : $"{Manager} {Name}";

    public IReadOnlyList<(FilterChain Chain, int Priority, bool IsNat)> Chains { get; } = Manager == "nft"
        ? [.. Lines(Text).Select((line, i) => (Match: Base().Match(line), Head: i)).Where(static b => b.Match.Success)
            .Select(b => (
                new FilterChain(Family, Name, Head().Match(Lines(Text)[b.Head - 1]).Groups[1].Value, Manager)
                { Hook = b.Match.Groups[2].Value },
                Number(b.Match.Groups[3].Value), b.Match.Groups[1].Value == "nat"))]
        : [.. Builtin().Matches(Text).Select(m => m.Groups[1].Value).Select(chain => (
            new FilterChain(Family, Name, chain, Manager) { Hook = chain.ToLowerInvariant() },
            Name == "nat" ? NatPlace(chain.ToLowerInvariant()) : Named.GetValueOrDefault(Name), Name == "nat"))];

    private bool Marks { get; } = Manager == "nft" ? Text.Contains(" mark set ", StringComparison.Ordinal)
        : MarkTarget().IsMatch(Text);

    private bool Translates { get; } = Name == "nat" || Translation().IsMatch(Text);

    private bool ChangesMore { get; } = Manager == "nft" ? Statement().IsMatch(Text) : Name != "nat" && Other(Text);

    private bool HasRules { get; } = Manager == "nft" || Text.Contains("\n-A ", StringComparison.Ordinal);

    private bool KnowsMarks { get; } = Text.Contains("mark", StringComparison.OrdinalIgnoreCase);

    /// <summary>Where the kernel translates addresses, whatever the priority of a chain of that type.</summary>
    public static int NatPlace(string hook) => hook is "prerouting" or "output" ? -100 : 100;

    /// <summary>Whether rules of this table may do to a packet what rules of that one notice.</summary>
    /// <param name="other">That one.</param>
    /// <param name="nat">Whether a chain that translates addresses is concerned.</param>
    public bool MayMatterTo(FilterTable other, bool nat) => other.HasRules
        && (ChangesMore || (nat && Translates) || (Marks && other.KnowsMarks));

    /// <summary>The native tables of a text that nft lists.</summary>
    public static IEnumerable<FilterTable> Native(string text) => Table().Matches(text)
        .Select(static m => new FilterTable("nft", m.Groups[1].Value, m.Groups[2].Value, m.Value));

    /// <summary>The tables of a text that -save has written.</summary>
    public static IEnumerable<FilterTable> Saved(string manager, string family, string text) => Block().Matches(text)
        .Select(m => new FilterTable(manager, family, m.Groups[1].Value, m.Value));

    private static string[] Lines(string text) => text.Split('\n');

    private static int Number(string priority)
    {
        string[] words = priority.Split(' ');
        int from = Named.TryGetValue(words[0], out int named) ? named : Whole(words[0]);
        return words.Length < 3 ? from : from + (Whole(words[2]) * (words[1] == "-" ? -1 : 1));
    }

    private static int Whole(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number : 0;

    private static bool Other(string saved)
    {
        HashSet<string> own = Chain().Matches(saved).Select(static m => m.Groups[1].Value)
            .ToHashSet(StringComparer.Ordinal);
        return Target().Matches(saved).Select(static m => m.Groups[1].Value)
            .Any(t => !Plain.Contains(t) && !own.Contains(t) && t is not ("MARK" or "CONNMARK"));
    }

    [GeneratedRegex(@"^table (\w+) (\S+) \{\n(?:.*\n)*?\}\n", RegexOptions.Multiline)]
    private static partial Regex Table();

    [GeneratedRegex(@"^\*(\w+)\n(?:.*\n)*?COMMIT\n", RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^\t\ttype (\w+) hook (\w+) (?:devices? .+ )?priority (\w+(?: [+-] \d+)?|-\d+);")]
    private static partial Regex Base();

    [GeneratedRegex(@"^\tchain (\S+) \{")]
    private static partial Regex Head();

    [GeneratedRegex(@"^:(PREROUTING|INPUT|OUTPUT|POSTROUTING) [A-Z]", RegexOptions.Multiline)]
    private static partial Regex Builtin();

    [GeneratedRegex(@"^:(\S+) ", RegexOptions.Multiline)]
    private static partial Regex Chain();

    [GeneratedRegex(@" -[jg] (\S+)")]
    private static partial Regex Target();

    [GeneratedRegex(@" -j (?:CONN)?MARK\b")]
    private static partial Regex MarkTarget();

    [GeneratedRegex(@"\b(?:dnat|snat|redirect|masquerade)\b")]
    private static partial Regex Translation();

    // What follows on a mark is a matter of who knows marks.
    [GeneratedRegex(@"(?<! mark) set |\b(?:notrack|tproxy|synproxy|queue|reset|flow add|dup to|fwd to)\b")]
    private static partial Regex Statement();
}
