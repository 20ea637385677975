using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;

namespace ScanEngineAdmin.Firewall.Rules;

/// <summary>
/// The only door from a rule into a command: every value is checked against its type or an allow-list, so that nothing
/// that came over a wire, from a store or from a pipeline can end a quotation.
/// </summary>
internal static class RuleText
{
    private const int MaxName = 64;

    public static string Id(FirewallRule rule) => FirewallRuleId.IsValid(rule.RuleId)
        ? rule.RuleId
        : throw Invalid("RuleId", "is not 'sea-' and 12 hex digits");

    public static string Tag(FirewallRule rule) => FirewallRuleId.Tag(Id(rule));

    public static string Port(FirewallRule rule)
    {
        if (rule.Protocol != "TCP")
        {
            throw Invalid("Protocol", "is not TCP");
        }

        return rule.LocalPort is >= 1 and <= 65535
            ? rule.LocalPort.ToString(CultureInfo.InvariantCulture)
            : throw Invalid("LocalPort", "is not between 1 and 65535");
    }

    /// <summary>The peers' addresses in their normal form; empty means any.</summary>
    public static IReadOnlyList<string> Addresses(FirewallRule rule)
    {
        AddressFamily family = rule.AddressFamily == RuleFamily.IPv4
            ? AddressFamily.InterNetwork
            : AddressFamily.InterNetworkV6;
        var addresses = new List<string>(rule.RemoteAddress.Count);
        foreach (string text in rule.RemoteAddress)
        {
            // A zone index means nothing to a filter and may hold any text: never let one through. A block of all
            // addresses has no text of its own: it is no address at all.
            bool isBlock = text.Contains('/', StringComparison.Ordinal);
            if (text.Contains('%', StringComparison.Ordinal)
                || !IPNetwork.TryParse(isBlock ? text : $"{text}/{Full(family)}", out IPNetwork block)
                || block.BaseAddress.AddressFamily != family
                || block.PrefixLength == 0
                || !IPAddress.TryParse(text.Split('/')[0], out IPAddress? first)
                || !first.Equals(block.BaseAddress))
            {
                throw Invalid(
                    "RemoteAddress", $"holds something that is not an {rule.AddressFamily} address or block");
            }

            addresses.Add(AllowedSources.Text(block));
        }

        return addresses;
    }

    /// <summary>
    /// An engine's name as it may stand in a display name: letters, digits, dot, underscore, hyphen, blank.
    /// </summary>
    public static string Name(string engineName)
    {
        var text = new StringBuilder(Math.Min(engineName.Length, MaxName));
        foreach (char c in engineName)
        {
            if (text.Length == MaxName)
            {
                break;
            }

            text.Append(char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or ' ' ? c : '_');
        }

        return text.ToString();
    }

    /// <summary>A chain, table or family: an identifier, as an admin may have named them.</summary>
    public static string Identifier(string text) =>
        text.Length is >= 1 and <= 64 && char.IsAsciiLetter(text[0])
        && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/')
            ? text
            : throw Invalid("placement", "holds something that is not an identifier");

    /// <summary>A rule of ours that was found on the host, as a rule again; only its id is checked here.</summary>
    public static FirewallRule Of(InstalledFirewallRule installed)
    {
        var rule = new FirewallRule
        {
            RuleId = installed.RuleId ?? string.Empty,
            HostRole = NodeRole.Console,
            Host = string.Empty,
            Change = RuleChange.Remove,
            Flow = installed.Flow,
            LocalPort = installed.Port ?? 0,
            RemoteAddress = installed.RemoteAddress,
            AddressFamily = installed.Family ?? RuleFamily.IPv4,
            Reason = string.Empty,
        };
        _ = Tag(rule);
        return rule;
    }

    private static string Full(AddressFamily family) => family == AddressFamily.InterNetwork ? "32" : "128";

    private static ScanEngineException Invalid(string property, string why) => new(
        FaultCode.OptionInvalid,
        $"A firewall rule cannot be written as a command: its {property} {why}.",
        "Take the rule from Set-ScanEngineCommunication -WhatIf as it is.",
        property);
}
