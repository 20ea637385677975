using System.Text;
using ScanEngineAdmin.Firewall.Providers.Nftables;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Firewall.Providers.Iptables;

/// <summary>Reads <c>iptables-save</c> and <c>ip6tables-save</c>, of either backend.</summary>
internal static class IptablesReader
{
    public static IReadOnlyList<InstalledFirewallRule> Read(
        string saved, RuleFamily family, IReadOnlyCollection<int> ports)
    {
        var found = new List<InstalledFirewallRule>();
        bool filter = false;
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string line in saved.Split(
            '\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (line[0] == '*')
            {
                filter = line == "*filter";
            }
            else if (filter && line[0] == ':' && line[1..].Split(' ') is ["INPUT" or "OUTPUT", var policy, ..] words)
            {
                found.Add(new InstalledFirewallRule
                {
                    Provider = FirewallProvider.Iptables,
                    Flow = words[0] == "INPUT" ? RuleFlow.In : RuleFlow.Out,
                    Family = family,
                    Action = policy == "ACCEPT" ? InstalledAction.Allow : InstalledAction.Deny,
                    IsDefault = true,
                    Chain = words[0],
                    Order = int.MaxValue,
                    Text = $"-P {words[0]} {policy}",
                });
            }
            else if (filter && line.StartsWith("-A ", StringComparison.Ordinal))
            {
                // As iptables counts: also those that do not matter.
                string chain = line.Split(' ')[1];
                int place = places[chain] = places.GetValueOrDefault(chain) + 1;
                if (One(line, family, ports) is { } one)
                {
                    found.Add(one with { Order = place });
                }
            }
        }

        return found;
    }

    /// <summary>A saved line as the arguments it was made of.</summary>
    public static IReadOnlyList<string> Words(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        bool quoted = false;
        bool any = false;
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (quoted && c == '\\' && i + 1 < line.Length)
            {
                word.Append(line[++i]);
            }
            else if (c == '"')
            {
                (quoted, any) = (!quoted, true);
            }
            else if (c == ' ' && !quoted)
            {
                Flush();
            }
            else
            {
                word.Append(c);
            }
        }

        Flush();
        return words;

        void Flush()
        {
            if (any || word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
                any = false;
            }
        }
    }

    private static InstalledFirewallRule? One(string line, RuleFamily family, IReadOnlyCollection<int> ports)
    {
        IReadOnlyList<string> words = Words(line);
        bool own = words[1] is "INPUT" or "OUTPUT";
        string peers = words[1] == "OUTPUT" ? "-d" : "-s";
        var peer = new List<string>();
        PortSpans spans = new();
        InstalledAction action = InstalledAction.Other;
        string? id = null;
        bool narrow = false;
        for (int i = 2; i < words.Count; i++)
        {
            string next = i + 1 < words.Count ? words[i + 1] : string.Empty;
            switch (words[i])
            {
                case "-p":
                    narrow |= next is not ("tcp" or "all");
                    i++;
                    break;
                case "-m":
                    i++;
                    break;
                case "--reject-with":
                    i++;
                    break;
                case "--comment":
                    id = NftReader.Ours(next);
                    i++;
                    break;
                case "--dport" or "--dports":
                    spans = PortSpans.Read(next);
                    i++;
                    break;
                case "-j" or "-g":
                    action = next switch
                    {
                        "ACCEPT" => InstalledAction.Allow,
                        "DROP" or "REJECT" => InstalledAction.Deny,
                        _ => InstalledAction.Other,
                    };
                    i++;
                    break;
                case var end when end == peers:
                    if (PeerAddresses.Plain(next) is { } plain)
                    {
                        peer.Add(plain);
                    }

                    i++;
                    break;
                default:
                    narrow = true;
                    break;
            }
        }

        bool matters = id is not null || (spans.IsAll
            ? own && !narrow && action != InstalledAction.Other
            : spans.Touches(ports));
        return !matters ? null : new InstalledFirewallRule
        {
            RuleId = id,
            Provider = FirewallProvider.Iptables,
            Flow = words[1] == "OUTPUT" ? RuleFlow.Out : RuleFlow.In,
            Port = spans.Only,
            RemoteAddress = peer,
            Family = family,
            Action = own ? action : InstalledAction.Other,
            Chain = words[1],
            Text = line,
        };
    }
}
