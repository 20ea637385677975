using System.Text.RegularExpressions;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>
/// Marks and labels of connections. They outlive a packet that is dropped once an earlier packet of its connection has
/// passed: when it is sent again, which a copy does not wait for, rules may see it otherwise.
/// </summary>
internal static partial class ConnectionMarks
{
    /// <summary>Whether any rule asks for them, and any sets them: only when a packet is sent again, perhaps.</summary>
    public static bool Matter(HostFilter filter) =>
        (Asked().IsMatch(filter.Native) || filter.Saved.Any(static s => SavedAsked().IsMatch(s.Text)))
        && (AreSet(filter.Native) || filter.Saved.Any(static s => AreSetBySaved(s.Text)));

    /// <param name="rule">A rule as nft lists it.</param>
    public static bool AreSet(string rule) => Set().IsMatch(rule);

    /// <param name="line">A rule as iptables saves it.</param>
    public static bool AreSetBySaved(string line) => SavedSet().IsMatch(line);

    [GeneratedRegex(@"\bct (?:mark|label)\b(?! set\b)")]
    private static partial Regex Asked();

    [GeneratedRegex(@"-m conn(?:mark|label) |--restore-mark\b")]
    private static partial Regex SavedAsked();

    [GeneratedRegex(@"\bct (?:mark|label) set\b")]
    private static partial Regex Set();

    [GeneratedRegex(@"-j CONNMARK --(?!restore)|-m connlabel .*--set\b")]
    private static partial Regex SavedSet();
}
