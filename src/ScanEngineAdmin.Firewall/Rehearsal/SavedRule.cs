using System.Text.RegularExpressions;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>Reads a rule as iptables saves it.</summary>
internal static partial class SavedRule
{
    /// <summary>
    /// Where the rule leads, a target or a chain; null where it leads nowhere. A quoted text may speak of anything, and a
    /// chain's name may begin like a target's.
    /// </summary>
    public static string? Target(string line) => Leads().Match(line) is { Success: true } leads
        ? leads.Groups[1].Value : null;

    public static bool Denies(string line) => Target(line) is "DROP" or "REJECT";

    public static bool Translates(string line) => Target(line) is "DNAT" or "REDIRECT" or "NETMAP" or "TPROXY";

    [GeneratedRegex("^(?:\"(?:[^\"\\\\]|\\\\.)*\"|[^\"])*? -[jg] (\\S+)")]
    private static partial Regex Leads();
}
