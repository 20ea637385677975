using Newtonsoft.Json.Linq;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Providers.Windows;

/// <summary>Windows, by the NetSecurity cmdlets: the name is the key, the group is for finding all of ours.</summary>
internal sealed class NetSecurityWriter : IFirewallWriter
{
    /// <summary>How each constant below begins: all that varies is data on standard input.</summary>
    public const string ReadInput = "$ErrorActionPreference='Stop';$q=[Console]::In.ReadToEnd()|ConvertFrom-Json;";

    /// <summary>
    /// Opens the rule in $q. A rule whose peer has moved is changed in place, because no second one may have its name.
    /// </summary>
    public const string OpenBody = "$p=@{};foreach($x in $q.PSObject.Properties){$p[$x.Name]=$x.Value};"
        // For the networks that this host is in now as well, whatever Windows calls them, and for those that the rule
        // was for before: the peers' addresses are the limit.
        + "$c=@(try{Get-NetConnectionProfile|ForEach-Object{\"$($_.NetworkCategory)\" -replace 'Authenticated'}}"
        + "catch{});$e=Get-NetFirewallRule -Name $p.Name -ErrorAction SilentlyContinue;"
        + "$p.Profile=@(@($p.Profile)+$c+@(\"$($e.Profile)\" -split ', *')|Where-Object{$_}|Select-Object -Unique);"
        + "if($p.Profile -contains 'Any'){$p.Profile='Any'};"
        + "if($e){Set-NetFirewallRule -Name $p.Name -RemoteAddress $p.RemoteAddress -Profile $p.Profile}"
        + "else{$null=New-NetFirewallRule @p}";

    /// <summary>Takes the rule in $q away.</summary>
    public const string CloseBody =
        "Get-NetFirewallRule -Name $q.Name -ErrorAction SilentlyContinue|Remove-NetFirewallRule";

    private const string OpenScript = ReadInput + OpenBody;
    private const string CloseScript = ReadInput + CloseBody;

    public FirewallProvider Provider => FirewallProvider.NetSecurity;

    public bool KnowsRulesByEffect => false;

    public string Open(FirewallRule rule, string engineName)
    {
        IEnumerable<string> words = Parameters(rule, engineName).Select(static p => $"-{p.Name} "
            + string.Join(",", p.Quoted ? p.Values.Select(static v => $"'{v}'") : p.Values));
        return $"if (-not (Get-NetFirewallRule -Name '{Name(rule)}' -ErrorAction SilentlyContinue)) {{ "
            + $"New-NetFirewallRule {string.Join(' ', words)} }}";
    }

    public string Close(FirewallRule rule) =>
        $"Get-NetFirewallRule -Name '{Name(rule)}' -ErrorAction SilentlyContinue | Remove-NetFirewallRule";

    public IReadOnlyList<ToolCall> OpenCalls(FirewallRule rule, string engineName)
    {
        var given = new JObject();
        foreach ((string name, string[] values, _) in Parameters(rule, engineName))
        {
            given[name] = values.Length == 1 ? values[0] : new JArray(values.Cast<object>().ToArray());
        }

        return [PowerShell(OpenScript, given)];
    }

    public IReadOnlyList<ToolCall> CloseCalls(InstalledFirewallRule installed) =>
        [PowerShell(CloseScript, new JObject { ["Name"] = Name(RuleText.Of(installed)) })];

    /// <summary>Windows PowerShell, which every Windows has, with a script that is a constant.</summary>
    public static ToolCall PowerShell(string script, JObject? given = null) => new(
        "powershell", ["-NoProfile", "-NonInteractive", "-Command", script],
        given?.ToString(Newtonsoft.Json.Formatting.None));

    /// <summary>Whether a call of this writer opens; else it closes.</summary>
    public static bool Opens(ToolCall call) => call.Arguments[^1] == OpenScript;

    private static (string Name, string[] Values, bool Quoted)[] Parameters(FirewallRule rule, string engineName)
    {
        string[] addresses = [.. RuleText.Addresses(rule)];
        bool inbound = rule.Flow == RuleFlow.In;
        string display = $"Scan Engine {RuleText.Name(engineName)} ({rule.Flow} {rule.AddressFamily})";
        return [
            ("Name", [Name(rule)], true),
            ("DisplayName", [display], true),
            ("Group", ["Scan Engine"], true),
            ("Direction", [inbound ? "Inbound" : "Outbound"], false),
            ("Action", ["Allow"], false),
            ("Protocol", ["TCP"], false),
            (inbound ? "LocalPort" : "RemotePort", [RuleText.Port(rule)], false),
            ("RemoteAddress", addresses.Length == 0 ? ["Any"] : addresses, addresses.Length > 0),
            ("Profile", ["Domain", "Private"], false)];
    }

    private static string Name(FirewallRule rule) => "ScanEngine-" + RuleText.Id(rule);
}
