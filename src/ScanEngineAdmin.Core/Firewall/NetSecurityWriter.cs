namespace ScanEngineAdmin.Core.Firewall;

/// <summary>Windows, by the NetSecurity cmdlets: the name is the key, the group is for finding all of ours.</summary>
internal sealed class NetSecurityWriter : IFirewallWriter
{
    public FirewallProvider Provider => FirewallProvider.NetSecurity;

    public bool KnowsRulesByEffect => false;

    public string Open(FirewallRule rule, string engineName)
    {
        string name = Name(rule);
        IReadOnlyList<string> addresses = RuleText.Addresses(rule);
        string peers = addresses.Count == 0 ? "Any" : string.Join(",", addresses.Select(static a => $"'{a}'"));
        (string direction, string port) = rule.Flow == RuleFlow.In
            ? ("Inbound", "-LocalPort")
            : ("Outbound", "-RemotePort");
        string display = $"Scan Engine {RuleText.Name(engineName)} ({rule.Flow} {rule.AddressFamily})";
        return $"if (-not (Get-NetFirewallRule -Name '{name}' -ErrorAction SilentlyContinue)) {{ "
            + $"New-NetFirewallRule -Name '{name}' -DisplayName '{display}' -Group 'Scan Engine' "
            + $"-Direction {direction} -Action Allow -Protocol TCP {port} {RuleText.Port(rule)} "
            + $"-RemoteAddress {peers} -Profile Domain,Private }}";
    }

    public string Close(FirewallRule rule) =>
        $"Get-NetFirewallRule -Name '{Name(rule)}' -ErrorAction SilentlyContinue | Remove-NetFirewallRule";

    private static string Name(FirewallRule rule) => "ScanEngine-" + RuleText.Id(rule);
}
