using System.Globalization;
using Newtonsoft.Json.Linq;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Providers.Windows;

/// <summary>
/// Reads the firewall of Windows: from the NetSecurity cmdlets as JSON, or from what netsh prints. There a block wins
/// over every allow, so one counts as asked first. A rule for a program, a service, an interface or an address of this
/// host may or may not concern a node: its action is Other, neither allow nor deny.
/// </summary>
internal static class WindowsRuleReader
{
    private const string Prefix = "ScanEngine-";

    /// <summary>
    /// One pass over all rules and one over each kind of filter, joined by their id: a question per rule takes minutes.
    /// </summary>
    public const string Script = "$ErrorActionPreference='Stop';"
        + "$a=@{};Get-NetFirewallAddressFilter -PolicyStore ActiveStore|ForEach-Object{$a[$_.InstanceID]=$_};"
        + "$o=@{};Get-NetFirewallPortFilter -PolicyStore ActiveStore|ForEach-Object{$o[$_.InstanceID]=$_};"
        + "$g=@{};Get-NetFirewallApplicationFilter -PolicyStore ActiveStore|ForEach-Object{$g[$_.InstanceID]=$_};"
        + "$s=@{};Get-NetFirewallServiceFilter -PolicyStore ActiveStore|ForEach-Object{$s[$_.InstanceID]=$_};"
        + "$i=@{};Get-NetFirewallInterfaceFilter -PolicyStore ActiveStore|ForEach-Object{$i[$_.InstanceID]=$_};"
        + "$t=@{};Get-NetFirewallInterfaceTypeFilter -PolicyStore ActiveStore|ForEach-Object{$t[$_.InstanceID]=$_};"
        + "$r=@(Get-NetFirewallRule -PolicyStore ActiveStore|Where-Object{\"$($_.Enabled)\" -eq 'True'}|"
        + "ForEach-Object{$p=$o[$_.InstanceID];if($p -and \"$($p.Protocol)\" -in 'TCP','Any'){[pscustomobject]@{"
        + "Name=$_.Name;DisplayName=$_.DisplayName;Direction=\"$($_.Direction)\";Action=\"$($_.Action)\";"
        + "LocalPort=@($p.LocalPort|ForEach-Object{\"$_\"});RemotePort=@($p.RemotePort|ForEach-Object{\"$_\"});"
        + "RemoteAddress=@($a[$_.InstanceID].RemoteAddress|ForEach-Object{\"$_\"});Profile=\"$($_.Profile)\";"
        + "LocalAddress=@($a[$_.InstanceID].LocalAddress|ForEach-Object{\"$_\"});"
        + "Program=\"$($g[$_.InstanceID].Program)\";Package=\"$($g[$_.InstanceID].Package)\";"
        + "Service=\"$($s[$_.InstanceID].Service)\";"
        + "InterfaceAlias=@($i[$_.InstanceID].InterfaceAlias|ForEach-Object{\"$_\"});"
        + "InterfaceType=\"$($t[$_.InstanceID].InterfaceType)\"}}});"
        + "$f=@(Get-NetFirewallProfile -PolicyStore ActiveStore|ForEach-Object{[pscustomobject]@{Name=$_.Name;"
        + "Inbound=\"$($_.DefaultInboundAction)\";Outbound=\"$($_.DefaultOutboundAction)\";"
        + "Enabled=\"$($_.Enabled)\"}});"
        // Not on every Windows, and not while its service is off: then none is known to be active.
        + "$c=@(try{Get-NetConnectionProfile|ForEach-Object{\"$($_.NetworkCategory)\"}}catch{});"
        + "[pscustomobject]@{Rules=$r;Profiles=$f;Active=$c}|ConvertTo-Json -Depth 4 -Compress";

    private static readonly string[] Narrowing =
        ["Program", "Package", "Service", "InterfaceAlias", "InterfaceType", "LocalAddress"];

    public static IReadOnlyList<InstalledFirewallRule> ReadNetSecurity(string json, IReadOnlyCollection<int> ports) =>
        ForeignJson.Read(
            json,
            all => ReadNetSecurity(all as JObject ?? [], ports),
            static e => FirewallFaults.Unreadable(FirewallProvider.NetSecurity, e));

    private static List<InstalledFirewallRule> ReadNetSecurity(JObject all, IReadOnlyCollection<int> ports)
    {
        var found = new List<InstalledFirewallRule>();
        string[] active = [.. Texts(all["Active"]).Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(static c => c == "DomainAuthenticated" ? "Domain" : c).Distinct(StringComparer.Ordinal)];
        foreach (JObject profile in Items(all["Profiles"]).Where(
            p => active.Length == 0 || active.Contains(p.Value<string>("Name"))))
        {
            foreach (RuleFlow flow in Enum.GetValues<RuleFlow>())
            {
                string set = profile.Value<string>(flow == RuleFlow.In ? "Inbound" : "Outbound") ?? string.Empty;
                bool on = profile.Value<string>("Enabled") is "True" or "1";
                // Left to the system it blocks what comes in and lets out what goes out.
                bool block = on && (set == "Block" || (set == "NotConfigured" && flow == RuleFlow.In));
                found.Add(Default(FirewallProvider.NetSecurity, flow, block, profile.Value<string>("Name") ?? "?"));
            }
        }

        foreach (JObject rule in Items(all["Rules"]))
        {
            bool inbound = rule.Value<string>("Direction") == "Inbound";
            string name = rule.Value<string>("Name") ?? string.Empty;
            string[] narrow = [.. Narrowing.Select(key => (Key: key, Text: Texts(rule[key])))
                .Where(static n => n.Text is not ("" or "Any")).Select(static n => $"{n.Key} {n.Text}")];
            int before = found.Count;
            Add(
                found, FirewallProvider.NetSecurity, inbound, name, rule.Value<string>("Action") ?? string.Empty,
                Texts(rule[inbound ? "LocalPort" : "RemotePort"]), Texts(rule["RemoteAddress"]),
                $"{name} ({string.Join(", ", narrow.Prepend(ProfileText(rule)).Prepend(rule.Value<string>("DisplayName")))})",
                ports);
            if (found.Count > before && Judged(found[^1], rule, active, narrow.Length > 0) is var judged)
            {
                found.RemoveAt(before);
                found.AddRange(judged is { Foreign: true, InForce: false } ? [] : [judged]);
            }
        }

        return found;
    }

    /// <summary>A rule as far as the profiles that are active and what narrows it let it apply.</summary>
    private static InstalledFirewallRule Judged(
        InstalledFirewallRule rule, JObject said, string[] active, bool narrow)
    {
        string profile = said.Value<string>("Profile") ?? "Any";
        string[] of = profile.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        int applies = profile is "Any" or "" ? active.Length : active.Count(of.Contains);
        return rule with
        {
            InForce = active.Length == 0 || applies > 0,

            // Of a host in two networks, one of which it is for, nobody knows by which the peer comes.
            Action = narrow || (applies > 0 && applies < active.Length) ? InstalledAction.Other : rule.Action,
        };
    }

    /// <summary>
    /// Reads <c>netsh advfirewall firewall show rule name=all</c>; its words are English only on an English Windows.
    /// </summary>
    public static IReadOnlyList<InstalledFirewallRule> ReadNetsh(string shown, IReadOnlyCollection<int> ports)
    {
        var found = new List<InstalledFirewallRule>();
        var rule = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string line in shown.Split('\n', StringSplitOptions.TrimEntries).Append("Rule Name:"))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string key = colon < 0 ? string.Empty : line[..colon].Trim();
            if (key == "Rule Name" && rule.Count > 0)
            {
                bool inbound = Get("Direction") == "In";
                if (Get("Enabled") == "Yes" && Get("Protocol") is "TCP" or "Any")
                {
                    Add(
                        found, FirewallProvider.Netsh, inbound, Get("Rule Name"), Get("Action"),
                        Get(inbound ? "LocalPort" : "RemotePort"), Get("RemoteIP"), Get("Rule Name"), ports);
                }

                rule.Clear();
            }

            if (key.Length > 0)
            {
                rule[key] = line[(colon + 1)..].Trim();
            }
        }

        return found;

        string Get(string key) => rule.GetValueOrDefault(key, string.Empty);
    }

    private static void Add(
        List<InstalledFirewallRule> found, FirewallProvider provider, bool inbound, string name, string action,
        string port, string peers, string text, IReadOnlyCollection<int> ports)
    {
        string? id = name.StartsWith(Prefix, StringComparison.Ordinal) && FirewallRuleId.IsValid(name[Prefix.Length..])
            ? name[Prefix.Length..]
            : null;
        PortSpans spans = PortSpans.Read(port);
        bool all = port is "Any" or "any" or "";
        // A port named by a service's word (RPC, IPHTTPSIn) is none of ours.
        if (id is null && (all ? action != "Block" : spans.IsAll || !spans.Touches(ports)))
        {
            return;
        }

        string[] plain = [.. peers.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(PeerAddresses.Plain).OfType<string>()];
        RuleFamily?[] families = [.. plain.Select(PeerAddresses.FamilyOf).Distinct()];
        found.Add(new InstalledFirewallRule
        {
            RuleId = id,
            Provider = provider,
            Flow = inbound ? RuleFlow.In : RuleFlow.Out,
            Port = spans.Only,
            RemoteAddress = plain,
            Family = families.Length == 1 ? families[0] : null,
            Action = action is "Allow" ? InstalledAction.Allow
                : action is "Block" ? InstalledAction.Deny : InstalledAction.Other,
            Persistent = true,
            Chain = "rules",
            Order = action is "Block" ? -1 : 0,
            Text = string.Create(CultureInfo.InvariantCulture, $"{text}: {action} {port} {peers}"),
        });
    }

    private static InstalledFirewallRule Default(FirewallProvider provider, RuleFlow flow, bool block, string name) =>
        new()
        {
            Provider = provider,
            Flow = flow,
            Action = block ? InstalledAction.Deny : InstalledAction.Allow,
            IsDefault = true,
            Persistent = true,
            Chain = "profile " + name,
            Order = int.MaxValue,
            Text = $"profile {name}: {(flow == RuleFlow.In ? "inbound" : "outbound")} {(block ? "Block" : "Allow")}",
        };

    private static string ProfileText(JObject rule) => "profile " + rule.Value<string>("Profile") switch
    {
        null or "" => "Any",
        string named => named.Replace(", ", " and ", StringComparison.Ordinal),
    };

    private static string Texts(JToken? token) => token switch
    {
        JArray many => string.Join(",", many.Select(static m => m.ToString())),
        null => string.Empty,
        _ => token.ToString(),
    };

    // Windows PowerShell writes a list of one as the one.
    private static IEnumerable<JObject> Items(JToken? token) => token switch
    {
        JArray many => many.OfType<JObject>(),
        JObject one => [one],
        _ => [],
    };
}
