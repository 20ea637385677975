using System.Globalization;
using System.Text.RegularExpressions;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>One table of a filter: its base chains, and whether others can notice what its rules do.</summary>
internal sealed partial class FilterTable
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

    private readonly string _text;
    private readonly Lazy<TableEffect> _effect;

    private FilterTable(string name, string text, Func<string, TableEffect> effect)
    {
        Name = name;
        _text = text;
        _effect = new Lazy<TableEffect>(() => effect(text));
    }

    /// <summary>Its family and its name, which tables of several managers may share.</summary>
    public string Name { get; }

    public bool OnlyDecides => _effect.Value == TableEffect.Decides;

    public IReadOnlyList<HookChain> Chains { get; private init; } = [];

    /// <summary>The tables of a filter.</summary>
    /// <exception cref="RehearsalException">The place of a chain cannot be read.</exception>
    public static IReadOnlyList<FilterTable> Of(HostFilter filter)
    {
        FilterTable[] native = [.. NativeTable().Matches(filter.Native)
            .Select(static m => Native(m.Groups[1].Value, m.Groups[2].Value, m.Value))];
        return Heads().Count(filter.Native) == native.Sum(static t => t.Chains.Count)
            ? [.. native, .. filter.Saved.SelectMany(static s => SavedTable().Matches(s.Text).Select(
                m => Saved(s, m.Groups[1].Value, m.Value)))]
            : throw new RehearsalException(
                "The hooks and priorities of this host's chains are not listed in the form that is known.");
    }

    /// <summary>
    /// Whether the order of a chain of this table and one of that may change a verdict. It does not where the rules of
    /// both do nothing but decide: what one of them denies is denied. Rules that are not understood may do anything.
    /// </summary>
    public bool MayMatterTo(FilterTable other) => (_effect.Value, other._effect.Value) switch
    {
        (TableEffect.Decides, TableEffect.Decides) => false,
        (TableEffect.Marks, TableEffect.Decides) => other.KnowsMarks,
        (TableEffect.Decides, TableEffect.Marks) => KnowsMarks,
        _ => true,
    };

    private bool KnowsMarks => _text.Contains("mark", StringComparison.OrdinalIgnoreCase);

    private static FilterTable Native(string family, string name, string text)
    {
        var chains = new List<HookChain>();
        var table = new FilterTable($"{family} {name}", text, RuleWords.OfNative) { Chains = chains };
        foreach (Match chain in NativeChain().Matches(text))
        {
            if (Base().Match(chain.Groups[2].Value) is { Success: true } head
                && Number(head.Groups[3].Value) is { } priority)
            {
                string native =
                    $"table {family} {name} {{\n\tchain {chain.Groups[1].Value} {{\n{head.Value}\n\t}}\n}}\n";
                chains.Add(new HookChain(
                    new FilterChain(family, name, chain.Groups[1].Value, "nft") { Hook = head.Groups[2].Value },
                    table, priority, head.Groups[1].Value == "nat",
                    chain.Groups[2].Length > head.Index + head.Length + 1,
                    new HookEntry($"nft {family} {name} {chain.Groups[1].Value}", native)));
            }
        }

        return table;
    }

    private static FilterTable Saved(SavedTables saved, string name, string text)
    {
        var chains = new List<HookChain>();
        var table = new FilterTable($"{saved.Family} {name}", text, RuleWords.OfSaved) { Chains = chains };
        HookEntry? whole = saved.Manager != "iptables-legacy" ? null
            : new HookEntry($"{saved.Manager} {name}", string.Empty) { Calls = [new(saved.Tool, ["-t", name, "-S"])] };
        foreach (string chain in Builtin().Matches(text).Select(static m => m.Groups[1].Value))
        {
            string hook = chain.ToLowerInvariant();
            int priority = name == "nat" ? HookChain.TranslationOf(hook) : Named.GetValueOrDefault(name);
            string type = name == "nat" ? "nat" : name == "mangle" && hook == "output" ? "route" : "filter";
            HookEntry entry = whole ?? new HookEntry(
                $"{saved.Manager} {name} {chain}",
                string.Create(CultureInfo.InvariantCulture, $"table {saved.Family} {name} {{\n\tchain {chain} {{\n"
                    + $"\t\ttype {type} hook {hook} priority {priority}; policy accept;\n\t}}\n}}\n"));
            chains.Add(new HookChain(
                new FilterChain(saved.Family, name, chain, saved.Manager) { Hook = hook },
                table, priority, name == "nat", text.Contains($"\n-A {chain} ", StringComparison.Ordinal), entry));
        }

        return table;
    }

    private static int? Number(string priority)
    {
        string[] words = priority.Split(' ');
        int? from = Named.TryGetValue(words[0], out int named) ? named : Whole(words[0]);
        return words.Length < 3 ? from : from + (Whole(words[2]) * (words[1] == "-" ? -1 : 1));
    }

    private static int? Whole(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number : null;

    [GeneratedRegex(@"^table (\w+) (\S+) \{\n(?:.*\n)*?\}\n", RegexOptions.Multiline)]
    private static partial Regex NativeTable();

    [GeneratedRegex(@"^\tchain (\S+) \{\n((?:\t\t.*\n)*)\t\}\n", RegexOptions.Multiline)]
    private static partial Regex NativeChain();

    [GeneratedRegex(@"^\t\ttype (\w+) hook (\w+) (?:devices? .+ )?priority (\w+(?: [+-] \d+)?|-\d+);.*$",
        RegexOptions.Multiline)]
    private static partial Regex Base();

    [GeneratedRegex(@"^\s*type \w+ hook \w+ ", RegexOptions.Multiline)]
    private static partial Regex Heads();

    [GeneratedRegex(@"^\*(\w+)\n(?:.*\n)*?COMMIT\n", RegexOptions.Multiline)]
    private static partial Regex SavedTable();

    [GeneratedRegex(@"^:(PREROUTING|INPUT|OUTPUT|POSTROUTING) [A-Z]", RegexOptions.Multiline)]
    private static partial Regex Builtin();
}
