namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>
/// Of chains of one hook and one priority the kernel runs first the one that was registered last, and its own parts
/// have such places as well. No listing says what was registered when, and where one of them sets a mark, or anything
/// else that the other looks at, the verdict may depend on it: then a copy is made for each order that there may be.
/// </summary>
internal sealed class ChainOrders
{
    // Each is a copy. More of them take seconds.
    private const int Most = 8;

    private readonly IReadOnlyList<Pair> _pairs;

    private ChainOrders(IReadOnlyList<IReadOnlyList<HookEntry>>? each, IReadOnlyList<Pair> pairs)
    {
        AreTooMany = each is null or { Count: > Most };
        Each = AreTooMany ? [[]] : each!;
        _pairs = pairs;
    }

    /// <summary>What to register before all other chains, in this order; one empty order where none matters.</summary>
    public IReadOnlyList<IReadOnlyList<HookEntry>> Each { get; }

    /// <summary>Whether there are more orders than these.</summary>
    public bool AreTooMany { get; }

    /// <exception cref="RehearsalException">The places of the chains cannot be read.</exception>
    public static ChainOrders Of(HostFilter filter)
    {
        HookChain[] chains = [.. FilterTable.Of(filter).SelectMany(static t => t.Chains)];
        HookChain[] nat = [.. chains.Where(static c => c.IsNat)];
        HookChain[] ruled = [.. chains.Where(static c => c.HasRules)];
        (HookChain A, HookChain B)[] beside = [
            .. ruled.SelectMany((a, i) => ruled.Skip(i + 1).Where(a.IsBeside).Select(b => (a, b)))];
        Pair[] pairs = [
            .. beside.Where(static p => p.A.Table != p.B.Table && p.A.Table.MayMatterTo(p.B.Table)).Select(static p =>
                new Pair(p.A.Entry, p.B.Entry, p.A.V4 && p.B.V4, p.A.V6 && p.B.V6, $"{p.A.Chain} and {p.B.Chain}")),
            .. ruled.Where(static c => c.IsWhereTracking).Select(static c => Pair.Of(c, HookEntry.Tracking)),
            .. ruled.Where(c => c.IsWhereTranslating && nat.Any(n => (n.V4 && c.V4) || (n.V6 && c.V6)))
                .Select(static c => Pair.Of(c, HookEntry.Translation))];
        if (pairs.Length == 0)
        {
            return new ChainOrders([[]], pairs);
        }

        Dictionary<string, HookEntry> entries = chains.Select(static c => c.Entry)
            .Concat([HookEntry.Tracking, HookEntry.Translation]).Distinct().GroupBy(static e => e.Name)
            .ToDictionary(static g => g.Key, static g => g.Aggregate(static (one, other) => one.And(other)));

        // A table's own chains are listed as they were registered, and what translates needs what tracks.
        IEnumerable<(HookEntry First, HookEntry Second)> known = beside.Where(static p => p.A.Table == p.B.Table)
            .Select(static p => (p.A.Entry, p.B.Entry))
            .Concat(nat.Select(static n => (HookEntry.Translation, n.Entry)))
            .Concat(nat.Select(static n => n.Entry).Append(HookEntry.Translation)
                .Select(static n => (HookEntry.Tracking, n)));
        HashSet<string> names = [.. pairs.SelectMany(static p => (string[])[p.One.Name, p.Other.Name])];
        var search = new OrderSearch(
            known.Select(static k => (k.First.Name, k.Second.Name))
                .Where(k => names.Contains(k.Item1) && names.Contains(k.Item2)),
            [.. pairs.Select(static p => (p.One.Name, p.Other.Name, p.V4, p.V6))]);
        return new ChainOrders(
            search.Find()?.Select(order => order.Select(name => entries[name]).ToArray()).ToArray(), pairs);
    }

    /// <summary>Two whose order matters to packets of that family, for people; null if none.</summary>
    public string? Chains(bool v4) => _pairs.FirstOrDefault(p => v4 ? p.V4 : p.V6)?.Text;

    private sealed record Pair(HookEntry One, HookEntry Other, bool V4, bool V6, string Text)
    {
        public static Pair Of(HookChain chain, HookEntry part) =>
            new(chain.Entry, part, chain.V4, chain.V6, $"{chain.Chain} and {part.Name}");
    }
}
