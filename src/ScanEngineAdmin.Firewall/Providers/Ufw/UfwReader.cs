using System.Text.RegularExpressions;
using ScanEngineAdmin.Firewall.Providers.Nftables;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Firewall.Providers.Ufw;

/// <summary>
/// Reads <c>ufw status verbose</c>. <c>ufw show added</c> would tell less: it writes a rule for all of one family like
/// one for both.
/// </summary>
internal static partial class UfwReader
{
    public static IReadOnlyList<InstalledFirewallRule> Read(string status, IReadOnlyCollection<int> ports)
    {
        var found = new List<InstalledFirewallRule>();
        int place = 0;
        foreach (string line in status.Split('\n', StringSplitOptions.TrimEntries))
        {
            if (Defaults().Match(line) is { Success: true } defaults)
            {
                found.Add(Default(RuleFlow.In, defaults.Groups["in"].Value));
                found.Add(Default(RuleFlow.Out, defaults.Groups["out"].Value));
            }
            else if (Row().Match(line) is { Success: true } row && One(line, row, ports) is { } one)
            {
                found.Add(one with { Order = ++place });
            }
        }

        return found;
    }

    private static InstalledFirewallRule? One(string line, Match row, IReadOnlyCollection<int> ports)
    {
        string to = row.Groups["to"].Value.Trim();
        string from = row.Groups["from"].Value.Trim();
        RuleFlow flow = row.Groups["flow"].Value == "OUT" ? RuleFlow.Out : RuleFlow.In;
        bool v6 = to.Contains("(v6)", StringComparison.Ordinal) || from.Contains("(v6)", StringComparison.Ordinal);
        string[] words = to.Replace("(v6)", string.Empty, StringComparison.Ordinal)
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string target = words.Length > 0 && PortLike().IsMatch(words[^1]) ? words[^1] : string.Empty;
        string[] protocol = target.Split('/');
        PortSpans spans = PortSpans.Read(protocol[0]);
        string there = flow == RuleFlow.In
            ? from.Split(' ')[0]
            : words.Length > 0 && words[0] != target ? words[0] : "Anywhere";
        string? peer = PeerAddresses.Plain(there);
        string? id = NftReader.Ours(row.Groups["comment"].Value.Trim());
        // A rule for another protocol, for a device or with a profile's name says nothing about our ports.
        bool other = (protocol.Length > 1 && protocol[1] != "tcp")
            || (target.Length == 0 && words is not ["Anywhere", ..])
            || line.Contains(" on ", StringComparison.Ordinal);
        return id is null && (other || !spans.Touches(ports)) ? null : new InstalledFirewallRule
        {
            RuleId = id,
            Provider = FirewallProvider.Ufw,
            Flow = flow,
            Port = spans.Only,
            RemoteAddress = peer is null ? [] : [peer],
            Family = peer is not null ? PeerAddresses.FamilyOf(peer) : v6 ? RuleFamily.IPv6 : RuleFamily.IPv4,
            Action = row.Groups["action"].Value is "ALLOW" or "LIMIT" ? InstalledAction.Allow : InstalledAction.Deny,
            Persistent = true,
            Chain = "user rules",
            Text = Blanks().Replace(line, " "),
        };
    }

    private static InstalledFirewallRule Default(RuleFlow flow, string word) => new()
    {
        Provider = FirewallProvider.Ufw,
        Flow = flow,
        Action = word == "allow" ? InstalledAction.Allow : InstalledAction.Deny,
        IsDefault = true,
        Persistent = true,
        Chain = "user rules",
        Order = int.MaxValue,
        Text = $"Default: {word} ({(flow == RuleFlow.In ? "incoming" : "outgoing")})",
    };

    [GeneratedRegex(@"^Default: (?<in>\w+) \(incoming\), (?<out>\w+) \(outgoing\)")]
    private static partial Regex Defaults();

    [GeneratedRegex(
        @"^(?<to>\S.*?)\s+(?<action>ALLOW|DENY|REJECT|LIMIT) (?<flow>IN|OUT)\s+(?<from>[^#]*)(# (?<comment>.*))?$")]
    private static partial Regex Row();

    [GeneratedRegex(@"^[0-9][0-9,:]*(/(tcp|udp))?$")]
    private static partial Regex PortLike();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
