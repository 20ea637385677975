namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>
/// Which rule of the older iptables denied a packet: there is no trace of them, only what they have counted, and a
/// refusal that one of them sends may be dropped by the next.
/// </summary>
internal static class SavedDenials
{
    /// <param name="counted">What counted a packet.</param>
    /// <param name="inward">Whether the packet that was denied came in; what answers it goes the other way.</param>
    public static SavedCount? Of(IReadOnlyList<SavedCount> counted, bool inward)
    {
        SavedCount[] denials = [.. counted.Where(
            static c => c.Tables.Manager == "iptables-legacy" && c.Denies)];
        SavedCount[] refusals = [.. denials.Where(static d => d.Refuses)];

        // Where something was refused, what is dropped as well is the refusal.
        return refusals.LastOrDefault(IsOnWay) ?? refusals.LastOrDefault()
            ?? denials.LastOrDefault(IsOnWay) ?? denials.LastOrDefault();

        bool IsOnWay(SavedCount denial) => Builtins(counted, denial).Any(b => IsInward(b) == inward);
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

    private static List<string> Builtins(IReadOnlyList<SavedCount> counted, SavedCount denial)
    {
        var reached = new List<string> { denial.Chain };
        for (int i = 0; i < reached.Count; i++)
        {
            string chain = reached[i];
            reached.AddRange(counted.Where(c => c.Tables == denial.Tables && c.Table == denial.Table && !c.IsPolicy
                && SavedRule.Target(c.Line) == chain).Select(static c => c.Chain).Distinct()
                .Where(c => !reached.Contains(c)).ToArray());
        }

        return [.. reached.Where(IsBuiltin)];
    }

    private static bool IsBuiltin(string chain) =>
        chain is "PREROUTING" or "INPUT" or "FORWARD" or "OUTPUT" or "POSTROUTING";

    private static bool IsInward(string builtin) => builtin is "PREROUTING" or "INPUT" or "FORWARD";
}
