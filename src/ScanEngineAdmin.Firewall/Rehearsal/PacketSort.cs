using System.Text.RegularExpressions;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>In what packets of different systems differ that begin a connection, or answer.</summary>
/// <param name="AsksForEcn">Whether the first packet asks for notices of congestion, in flags of its own.</param>
/// <param name="MayBeCut">Whether routers may cut it into fragments.</param>
internal readonly partial record struct PacketSort(bool AsksForEcn, bool MayBeCut)
{
    /// <summary>Those that a rule set may tell apart, the most common one first.</summary>
    public static IReadOnlyList<PacketSort> Of(string rules)
    {
        bool[] ecn = Flags().IsMatch(rules) ? [false, true] : [false];
        bool[] cut = Fragments().IsMatch(rules) ? [false, true] : [false];
        return [.. ecn.SelectMany(e => cut.Select(c => new PacketSort(e, c)))];
    }

    [GeneratedRegex(@"\btcp flags\b|@th,")]
    private static partial Regex Flags();

    [GeneratedRegex(@"\bfrag-off\b")]
    private static partial Regex Fragments();
}
