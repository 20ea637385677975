using System.Security.Cryptography;
using System.Text;
using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Firewall.Rules;

/// <summary>
/// Names rules by what they do and for which pairing. Addresses are left out: when a peer's address changes it is
/// still the same rule, found by its tag and replaced, and not a second one beside a stale first.
/// </summary>
internal static class FirewallRuleId
{
    private const string Prefix = "sea-";
    private const int Digits = 12;

    /// <summary>The tag under which a provider keeps the rule, where it keeps tags.</summary>
    public static string Tag(string ruleId) => "scanengine:" + ruleId;

    public static bool IsValid(string? ruleId) =>
        ruleId is not null
        && ruleId.Length == Prefix.Length + Digits
        && ruleId.StartsWith(Prefix, StringComparison.Ordinal)
        && ruleId[Prefix.Length..].All(static c => char.IsAsciiHexDigitLower(c));

    /// <summary>
    /// The id of a rule on the host of <paramref name="host"/>; an empty pairing means all who share it.
    /// </summary>
    internal static string For(NodeRole host, Guid pairingId, RuleFlow flow, int port, RuleFamily family)
    {
        byte[] what = Encoding.ASCII.GetBytes(FormattableString.Invariant(
            $"{host}|{pairingId:N}|{flow}|TCP|{port}|{family}"));
        return Prefix + Convert.ToHexString(SHA256.HashData(what))[..Digits].ToLowerInvariant();
    }
}
