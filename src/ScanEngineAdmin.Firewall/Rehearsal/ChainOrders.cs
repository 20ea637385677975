namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>
/// Of chains of one hook and one priority the kernel runs first the one that was registered last. No listing says which
/// one that is, and where one of them sets a mark, or anything else that the other looks at, the verdict may depend on
/// it: then a copy is made for each order that there may be.
/// </summary>
internal sealed class ChainOrders
{
    // Each is a copy. More of them take seconds.
    private const int Most = 8;
    private const int MostUnits = 5;

    private readonly IReadOnlyList<Pair> _pairs;

    private ChainOrders(IReadOnlyList<IReadOnlyList<string>> each, IReadOnlyList<Pair> pairs, bool areTooMany)
    {
        Each = each;
        _pairs = pairs;
        AreTooMany = areTooMany;
    }

    /// <summary>The tables to be loaded last, in this order; one empty order where none matters.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Each { get; }

    /// <summary>Whether there are more orders than these.</summary>
    public bool AreTooMany { get; }

    public static ChainOrders Of(HostFilter filter)
    {
        FilterTable[] tables = [.. FilterTable.Native(filter.Native),
            .. filter.Saved.SelectMany(static s => FilterTable.Saved(s.Manager, s.Family, s.Text))];
        Pair[] pairs = [.. tables.SelectMany((one, i) => tables.Skip(i + 1).SelectMany(other => Pairs(one, other)))];
        string[] units = [.. pairs.SelectMany(static p => (string[])[p.One, p.Other]).Distinct()];
        if (units.Length == 0)
        {
            return new ChainOrders([[]], pairs, false);
        }

        // A packet is of one family: of two orders in which all pairs of that family stand alike, one is enough.
        var seen = new HashSet<string>(StringComparer.Ordinal);
        IReadOnlyList<string>[] orders = units.Length > MostUnits ? []
            : [.. Permutations(units).Where(order => seen.Add("4" + Places(order, pairs.Where(static p => p.V4)))
                | seen.Add("6" + Places(order, pairs.Where(static p => p.V6))))];
        bool tooMany = orders.Length is 0 or > Most;
        return new ChainOrders(tooMany ? [[]] : orders, pairs, tooMany);
    }

    /// <summary>Two chains whose order matters to packets of that family, for people; null if none.</summary>
    public string? Chains(bool v4) => _pairs.FirstOrDefault(p => v4 ? p.V4 : p.V6)?.Text;

    private static string Places(List<string> order, IEnumerable<Pair> pairs) =>
        string.Concat(pairs.Select(p => order.IndexOf(p.One) < order.IndexOf(p.Other) ? '<' : '>'));

    private static IEnumerable<Pair> Pairs(FilterTable one, FilterTable other) =>
        from a in one.Chains
        from b in other.Chains
        let pair = new Pair(
            one.Unit, other.Unit, a.Chain.Family != "ip6" && b.Chain.Family != "ip6",
            a.Chain.Family != "ip" && b.Chain.Family != "ip",
            $"{a.Chain} and {b.Chain}")
        where a.Chain.Hook == b.Chain.Hook && a.Chain.Hook != "forward" && (pair.V4 || pair.V6)
            && (a.IsNat && b.IsNat ? a.Priority == b.Priority : Place(a) == Place(b))
            && (one.MayMatterTo(other, a.IsNat || b.IsNat) || other.MayMatterTo(one, a.IsNat || b.IsNat))
        select pair;

    private static int Place((FilterChain Chain, int Priority, bool IsNat) of) =>
        of.IsNat ? FilterTable.NatPlace(of.Chain.Hook) : of.Priority;

    private static IEnumerable<List<string>> Permutations(string[] of) => of.Length == 0 ? [[]]
        : of.SelectMany((first, i) => Permutations([.. of.Where((_, at) => at != i)])
            .Select(rest => (List<string>)[first, .. rest]));

    private sealed record Pair(string One, string Other, bool V4, bool V6, string Text);
}
