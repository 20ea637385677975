using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Pipeline;

/// <summary>
/// Gives Core's records true arrays before they go out: PowerShell cannot index the read-only lists that collection
/// expressions make ($plan.Rules[0] would be all rules).
/// </summary>
internal static class Indexable
{
    public static FirewallPlan Of(FirewallPlan plan, string dataPath) => plan with
    {
        DataPath = dataPath,
        Rules = plan.Rules.Select(Of).ToArray(),
        OutboundUnknown = plan.OutboundUnknown.ToArray(),
    };

    public static InstalledFirewallRule Of(InstalledFirewallRule rule) =>
        rule with { RemoteAddress = rule.RemoteAddress.ToArray() };

    public static FirewallRule Of(FirewallRule rule) => rule with { RemoteAddress = rule.RemoteAddress.ToArray() };

    public static FirewallTestResult Of(FirewallTestResult result) => result with { Stages = result.Stages.ToArray() };
}
