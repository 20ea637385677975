using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Providers.Windows;

/// <summary>
/// Windows without the NetSecurity cmdlets. netsh keeps any number of rules of one name, so it is asked first; through
/// cmd, because the line has to mean the same in a command prompt and in PowerShell.
/// </summary>
internal sealed class NetshWriter : IFirewallWriter
{
    private static readonly string[] Rules = ["advfirewall", "firewall"];

    public FirewallProvider Provider => FirewallProvider.Netsh;

    public bool KnowsRulesByEffect => false;

    public string Open(FirewallRule rule, string engineName) => $"cmd /c \"{OpenLine(rule)}\"";

    /// <summary>The same for a batch file.</summary>
    public static string OpenLine(FirewallRule rule) =>
        $"netsh advfirewall firewall show rule name={Name(rule)} >nul 2>&1 || {Add(rule)}";

    public string Close(FirewallRule rule) =>
        new ToolCall("netsh", [.. Rules, "delete", "rule", $"name={Name(rule)}", $"dir={Direction(rule)}"]).ToString();

    public IReadOnlyList<ToolCall> OpenCalls(FirewallRule rule, string engineName) => [Add(rule)];

    public IReadOnlyList<ToolCall> CloseCalls(InstalledFirewallRule installed)
    {
        // The whole of it: a rule of the same name with the peer's new address has to stay.
        FirewallRule rule = RuleText.Of(installed);
        return [new ToolCall("netsh", [
            .. Rules, "delete", "rule", $"name={Name(rule)}", $"dir={Direction(rule)}", "protocol=TCP", Port(rule),
            Peers(rule)])];
    }

    private static ToolCall Add(FirewallRule rule) => new("netsh", [
        .. Rules, "add", "rule", $"name={Name(rule)}", $"dir={Direction(rule)}", "action=allow", "protocol=TCP",
        Port(rule), Peers(rule), "profile=domain,private"]);

    private static string Port(FirewallRule rule) =>
        (rule.Flow == RuleFlow.In ? "localport=" : "remoteport=") + RuleText.Port(rule);

    private static string Peers(FirewallRule rule)
    {
        IReadOnlyList<string> addresses = RuleText.Addresses(rule);
        return "remoteip=" + (addresses.Count == 0 ? "any" : string.Join(",", addresses));
    }

    private static string Direction(FirewallRule rule) => rule.Flow == RuleFlow.In ? "in" : "out";

    private static string Name(FirewallRule rule) => "ScanEngine-" + RuleText.Id(rule);
}
