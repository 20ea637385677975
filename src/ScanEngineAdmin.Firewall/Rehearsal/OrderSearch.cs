namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>Finds the orders that differ in which of two is first.</summary>
/// <param name="known">Of which two the first is before the other in each order.</param>
/// <param name="open">Of which two that is not known, and to packets of which family it matters.</param>
internal sealed class OrderSearch(
    IEnumerable<(string One, string Other)> known, IReadOnlyList<(string One, string Other, bool V4, bool V6)> open)
{
    private const int MostTries = 1000;

    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly List<(string One, string Other)> _before = [.. known];
    private readonly List<(string V4, string V6, (string One, string Other)[] Before)> _tried = [];

    /// <summary>The orders; null where they are too many to look for.</summary>
    public IReadOnlyList<IReadOnlyList<string>>? Find()
    {
        Extend(string.Empty);

        // A packet is of one family: of two orders in which all pairs of that family stand alike, one is enough, and
        // best are those that are new to both.
        return _tried.Count > MostTries ? null : [
            .. _tried.Where(t => !_seen.Contains(t.V4) && !_seen.Contains(t.V6) && IsNew(t.V4, t.V6))
                .Select(static t => Order(t.Before)),
            .. _tried.Where(t => IsNew(t.V4, t.V6)).Select(static t => Order(t.Before))];
    }

    private bool IsNew(string four, string six) => _seen.Add(four) | _seen.Add(six);

    private void Extend(string signs)
    {
        if (_tried.Count > MostTries)
        {
            return;
        }

        if (signs.Length == open.Count)
        {
            _tried.Add((
                "4" + string.Concat(signs.Where((_, i) => open[i].V4)),
                "6" + string.Concat(signs.Where((_, i) => open[i].V6)), [.. _before]));
            return;
        }

        (string one, string other, _, _) = open[signs.Length];
        TryBefore(one, other, signs + '<');
        TryBefore(other, one, signs + '>');
    }

    private void TryBefore(string first, string second, string signs)
    {
        if (!IsBefore(second, first))
        {
            _before.Add((first, second));
            Extend(signs);
            _before.RemoveAt(_before.Count - 1);
        }
    }

    private bool IsBefore(string first, string second) => _before.Exists(
        p => p.One == first && (p.Other == second || IsBefore(p.Other, second)));

    private static List<string> Order((string One, string Other)[] before)
    {
        List<string> left = [.. before.SelectMany(static p => (string[])[p.One, p.Other]).Distinct()];
        var order = new List<string>();
        while (left.Count > 0)
        {
            string next = left.First(n => !before.Any(p => p.Other == n && left.Contains(p.One)));
            order.Add(next);
            left.Remove(next);
        }

        return order;
    }
}
