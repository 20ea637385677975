namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>
/// Which rule of the older iptables decided about a packet: there is no trace of them, only what they have counted, the
/// answer's and later packets' rules as well. A refusal that one of them sends may be dropped by the next.
/// </summary>
internal static class SavedDeciders
{
    /// <param name="counted">What counted a packet.</param>
    /// <param name="inward">Whether the packet that was denied came in; what answers it goes the other way.</param>
    public static SavedCount? Denying(IReadOnlyList<SavedCount> counted, bool inward)
    {
        SavedCount[] denials = [.. counted.Where(
            static c => c.Tables.Manager == "iptables-legacy" && c.Denies)];
        SavedCount[] refusals = [.. denials.Where(static d => d.Refuses)];

        // Where something was refused, what is dropped as well is the refusal.
        return refusals.LastOrDefault(d => IsOnWay(counted, d, inward)) ?? refusals.LastOrDefault()
            ?? denials.LastOrDefault(d => IsOnWay(counted, d, inward)) ?? denials.LastOrDefault();
    }

    /// <param name="counted">What counted a packet.</param>
    /// <param name="inward">Whether the first packet of the connection came in.</param>
    public static SavedCount? Accepting(IReadOnlyList<SavedCount> counted, bool inward)
    {
        SavedCount[] accepts = [.. counted.Where(
            static c => !c.IsPolicy && SavedRule.Target(c.Line) == "ACCEPT")];
        return accepts.FirstOrDefault(a => IsOnWay(counted, a, inward) && !IsOfLater(a)) ?? accepts.FirstOrDefault();
    }

    /// <summary>The chain that the packet came to first, from which a rule of a chain of the admin's was
    /// reached.</summary>
    public static FilterChain Base(IReadOnlyList<SavedCount> counted, SavedCount rule, bool inward)
    {
        string builtin = Builtins(counted, rule).OrderBy(b => IsInward(b) != inward).FirstOrDefault() ?? rule.Chain;
        return new FilterChain(rule.Tables.Family, rule.Table, builtin, rule.Tables.Manager)
        {
            Hook = builtin.ToLowerInvariant(),
        };
    }

    // What a rule wants to be established already is no first packet.
    private static bool IsOfLater(SavedCount rule) => rule.Line.Contains("ESTABLISHED", StringComparison.Ordinal)
        && !rule.Line.Contains("NEW", StringComparison.Ordinal);

    private static bool IsOnWay(IReadOnlyList<SavedCount> counted, SavedCount rule, bool inward) =>
        Builtins(counted, rule).Any(b => IsInward(b) == inward);

    private static List<string> Builtins(IReadOnlyList<SavedCount> counted, SavedCount rule)
    {
        var reached = new List<string> { rule.Chain };
        for (int i = 0; i < reached.Count; i++)
        {
            string chain = reached[i];
            reached.AddRange(counted.Where(c => c.Tables == rule.Tables && c.Table == rule.Table && !c.IsPolicy
                && SavedRule.Target(c.Line) == chain).Select(static c => c.Chain).Distinct()
                .Where(c => !reached.Contains(c)).ToArray());
        }

        return [.. reached.Where(IsBuiltin)];
    }

    private static bool IsBuiltin(string chain) =>
        chain is "PREROUTING" or "INPUT" or "FORWARD" or "OUTPUT" or "POSTROUTING";

    private static bool IsInward(string builtin) => builtin is "PREROUTING" or "INPUT" or "FORWARD";
}
