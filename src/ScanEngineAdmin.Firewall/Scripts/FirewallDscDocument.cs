using System.Globalization;
using System.Text;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Firewall.Scripts;

/// <summary>
/// A plan as a configuration document of Desired State Configuration 3 for a Windows host: one instance of
/// <c>Microsoft.Windows/FirewallRuleList</c>, in YAML. The resource knows a rule by the name that Windows shows.
/// </summary>
internal static class FirewallDscDocument
{
    /// <param name="plan">The plan.</param>
    /// <param name="role">Whose half.</param>
    /// <param name="undo">Take the plan back.</param>
    /// <param name="close">
    /// Also take away what is no longer needed: only when the change is committed and acknowledged. A document without
    /// it leaves those rules unnamed, and DSC leaves alone what is not named.
    /// </param>
    /// <exception cref="ScanEngineException">OptionInvalid: a rule cannot be written.</exception>
    public static string Write(FirewallPlan plan, NodeRole role, bool undo = false, bool close = false)
    {
        ArgumentNullException.ThrowIfNull(plan);
        FirewallRule[] rules = [.. plan.Rules.Where(r => r.HostRole == role && r.Change != RuleChange.Keep)];
        (FirewallRule Rule, bool Exist)[] wanted = [.. (undo ? rules.AsEnumerable().Reverse() : rules)
            .Select(r => (r, (r.Change == RuleChange.Add) != undo)).Where(x => x.Item2 || close)
            .OrderByDescending(static x => x.Item2)];
        var text = new StringBuilder();
        void Line(string line) => text.Append(line).Append('\n');
        Line($"# Scan Engine firewall rules for {RuleText.Name(plan.EngineName)}, {role} host"
            + (undo ? " (UNDO)" : string.Empty));
        Line(string.Create(CultureInfo.InvariantCulture, $"# Change {plan.ChangeId:D}, epoch {plan.Epoch}."));
        Line("# Apply, as administrator: dsc config set --file THIS.dsc.yaml");
        Line("$schema: https://aka.ms/dsc/schemas/v3/bundled/config/document.json");
        if (wanted.Length == 0)
        {
            Line("resources: []");
            return text.ToString();
        }

        Line("resources:");
        Line("- name: Scan Engine firewall rules");
        Line("  type: Microsoft.Windows/FirewallRuleList");
        Line("  properties:");
        Line("    rules:");
        foreach ((FirewallRule rule, bool exist) in wanted)
        {
            Line($"    # {FirewallScript.Clean(rule.Reason)}");
            Line($"    - name: {Quoted("ScanEngine-" + RuleText.Id(rule))}");
            if (!exist)
            {
                Line("      _exist: false");
                continue;
            }

            IReadOnlyList<string> peers = RuleText.Addresses(rule);
            string port = Quoted(RuleText.Port(rule));
            Line($"      description: {Quoted($"Scan Engine {RuleText.Name(plan.EngineName)} "
                + $"({rule.Flow} {rule.AddressFamily})")}");
            Line("      grouping: 'Scan Engine'");
            Line($"      direction: {(rule.Flow == RuleFlow.In ? "Inbound" : "Outbound")}");
            Line("      action: Allow");
            // TCP.
            Line("      protocol: 6");
            Line($"      {(rule.Flow == RuleFlow.In ? "localPorts" : "remotePorts")}: {port}");
            Line($"      remoteAddresses: {Quoted(peers.Count == 0 ? "*" : string.Join(",", peers))}");
            Line("      profiles: [Domain, Private]");
            Line("      enabled: true");
        }

        return text.ToString();
    }

    private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
