using System.Globalization;
using System.Text.RegularExpressions;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>
/// The ports that systems give to who begins a connection, cut wherever a rule set compares ports: within a part no
/// comparison tells one port from another. A single port among thirty thousand is no part: a second try has another.
/// </summary>
internal static partial class DiallingPorts
{
    // Linux gives those up to 60999, Windows and macOS those from 49152.
    public static readonly (int First, int Last) All = (32768, 65535);

    /// <param name="rules">Rule sets in the words of their tools.</param>
    /// <param name="sets">What ipset saves, which may list a range port by port.</param>
    public static IReadOnlyList<(int First, int Last)> Parts(string rules, string sets)
    {
        HashSet<int> listed = [.. Listed().Matches(sets).Select(static m => Number(m.Groups[1]))];
        int[] cuts = [.. Ranges().Matches($"{rules}\n{sets}")
            .SelectMany(static m => (int[])[Number(m.Groups[1]), Number(m.Groups[2]) + 1])
            .Concat(Comparisons().Matches(rules).Select(static m =>
                Number(m.Groups[2]) + (m.Groups[1].Value is ">" or "<=" ? 1 : 0)))
            .Concat(listed.Where(p => !listed.Contains(p - 1) && listed.Contains(p + 1)))
            .Concat(listed.Where(p => !listed.Contains(p + 1) && listed.Contains(p - 1)).Select(static p => p + 1))
            .Where(static c => c > All.First && c <= All.Last).Append(All.First).Distinct().Order()];
        return [.. cuts.Select((cut, at) => (cut, at + 1 < cuts.Length ? cuts[at + 1] - 1 : All.Last))];
    }

    private static int Number(Group digits) => int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture);

    // Numbers of something else make more parts, which is harmless.
    [GeneratedRegex(@"(?<![\w.:\[])(\d{1,5})[-:](\d{1,5})(?![\w.:])")]
    private static partial Regex Ranges();

    [GeneratedRegex(@"\b(?:[sd]port|proto-(?:src|dst)) ([<>]=?) (\d{1,5})\b")]
    private static partial Regex Comparisons();

    [GeneratedRegex(@"^add \S+ (?:[^ ]*,)?(?:tcp:)?(\d{1,5})(?![\w.:/-])", RegexOptions.Multiline)]
    private static partial Regex Listed();
}
