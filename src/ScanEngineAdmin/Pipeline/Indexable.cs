using ScanEngineAdmin.Core.Firewall;

namespace ScanEngineAdmin.Pipeline;

/// <summary>
/// Gives Core's records true arrays before they go out: PowerShell cannot index the read-only lists that collection
/// expressions make ($plan.Rules[0] would be all rules).
/// </summary>
internal static class Indexable
{
    public static FirewallPlan Of(FirewallPlan plan) => plan with
    {
        Rules = plan.Rules.Select(rule => rule with { RemoteAddress = rule.RemoteAddress.ToArray() }).ToArray(),
    };

    public static FirewallTestResult Of(FirewallTestResult result) => result with { Stages = result.Stages.ToArray() };
}
