namespace ScanEngineAdmin.Core.Firewall;

/// <summary>
/// Windows without the NetSecurity cmdlets. netsh keeps any number of rules of one name, so it is asked first; through
/// cmd, because the line has to mean the same in a command prompt and in PowerShell.
/// </summary>
internal sealed class NetshWriter : IFirewallWriter
{
    public FirewallProvider Provider => FirewallProvider.Netsh;

    public bool KnowsRulesByEffect => false;

    public string Open(FirewallRule rule, string engineName)
    {
        IReadOnlyList<string> addresses = RuleText.Addresses(rule);
        string peers = addresses.Count == 0 ? "any" : string.Join(",", addresses);
        string port = (rule.Flow == RuleFlow.In ? "localport=" : "remoteport=") + RuleText.Port(rule);
        return $"cmd /c \"netsh advfirewall firewall show rule name={Name(rule)} >nul 2>&1 || "
            + $"netsh advfirewall firewall add rule name={Name(rule)} dir={Direction(rule)} action=allow "
            + $"protocol=TCP {port} remoteip={peers} profile=domain,private\"";
    }

    public string Close(FirewallRule rule) =>
        $"netsh advfirewall firewall delete rule name={Name(rule)} dir={Direction(rule)}";

    private static string Direction(FirewallRule rule) => rule.Flow == RuleFlow.In ? "in" : "out";

    private static string Name(FirewallRule rule) => "ScanEngine-" + RuleText.Id(rule);
}
