using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Pipeline;

/// <summary>
/// Gives Core's records true arrays, and their texts a list with a text of its own, before they go out: PowerShell cannot
/// index the read-only lists that collection expressions make ($plan.Rules[0] would be all rules).
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
        rule with { RemoteAddress = new TextList(rule.RemoteAddress) };

    public static FirewallRule Of(FirewallRule rule) => rule with { RemoteAddress = new TextList(rule.RemoteAddress) };

    public static FirewallTestResult Of(FirewallTestResult result) => result with { Stages = result.Stages.ToArray() };
}
