using System.Text.RegularExpressions;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>
/// A packet that is sent again, which a copy does not wait for, as rules see it. Marks, labels and the status of its
/// connection outlive a packet that is dropped once an earlier one has passed, and chains of type nat see no packet of that
/// connection any more.
/// </summary>
internal static partial class Retransmission
{
    /// <summary>Whether rules may see it otherwise than the first time. A mark has to be asked for and set, perhaps by a rule
    /// that no packet met before.</summary>
    public static bool MayDiffer(HostFilter filter) =>
        ((Asked().IsMatch(filter.Native) || filter.Saved.Any(static s => SavedAsked().IsMatch(s.Text)))
            && (SetsMark(filter.Native) || filter.Saved.Any(static s => SavedSetsMark(s.Text))))
        || Status().IsMatch(filter.Native) || filter.Saved.Any(static s => SavedStatus().IsMatch(s.Text))
        || ((LedElsewhere().IsMatch(filter.Native) || filter.Saved.Any(static s => SavedLedElsewhere().IsMatch(s.Text)))
            && LeadsElsewhere(filter))
        || Translating().IsMatch(filter.Native) || filter.Saved.Any(static s => TranslatingMarks(s.Text));

    /// <param name="rule">A rule as nft lists it.</param>
    public static bool SetsMark(string rule) => Set().IsMatch(rule);

    /// <param name="line">A rule as iptables saves it.</param>
    public static bool SavedSetsMark(string line) => SavedSet().IsMatch(line);

    [GeneratedRegex(@"\bct (?:mark|label)\b(?! set\b)")]
    private static partial Regex Asked();

    [GeneratedRegex(@"-m conn(?:mark|label) |--restore-mark\b")]
    private static partial Regex SavedAsked();

    private static bool LeadsElsewhere(HostFilter filter) => RehearsalJudge.Translates(filter.Native)
        || filter.Saved.Any(static s => s.Text.Split('\n').Any(SavedRule.Translates));

    // A connection is expected from its first packet on or never. The kernel translates its destination where a rule says
    // so and not else; of its source it may change the port of its own accord, after most chains have seen the packet.
    [GeneratedRegex(@"\bct status\b(?! (?:expected|dnat) [a-z])")]
    private static partial Regex Status();

    [GeneratedRegex(@"--ctstatus\b(?! EXPECTED )|--ctstate \S*SNAT\b")]
    private static partial Regex SavedStatus();

    [GeneratedRegex(@"\bct status dnat\b")]
    private static partial Regex LedElsewhere();

    [GeneratedRegex(@"--ctstate \S*DNAT\b")]
    private static partial Regex SavedLedElsewhere();

    // Of nft, anywhere behind such a chain: others may be reached from there.
    [GeneratedRegex(@"\btype nat hook .*\bmark set\b", RegexOptions.Singleline)]
    private static partial Regex Translating();

    private static bool TranslatingMarks(string saved) => saved.IndexOf("*nat\n", StringComparison.Ordinal) is var at and >= 0
        && saved.IndexOf("\nCOMMIT", at, StringComparison.Ordinal) is var end and >= 0
        && saved[at..end].Contains(" -j MARK ", StringComparison.Ordinal);

    [GeneratedRegex(@"\bct (?:mark|label) set\b")]
    private static partial Regex Set();

    [GeneratedRegex(@"-j CONNMARK --(?!restore)|-m connlabel .*--set\b")]
    private static partial Regex SavedSet();
}
