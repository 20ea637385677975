using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Pipeline;

/// <summary>What -WhatIf says of a plan beside its text: a rule that this host's other filters make useless.</summary>
internal static class FirewallWhatIf
{
    public static async Task<IReadOnlyList<string>> WarningsAsync(
        FirewallPlan plan, NodeRole role, FirewallProvider? named, string dataPath, CancellationToken cancellationToken)
    {
        try
        {
            IReadOnlyDictionary<string, string> why = await new FirewallPlanApplier(
                HostTools.OfThisHost(null, dataPath)).WhyNotAsync(plan, role, named, cancellationToken)
                .ConfigureAwait(false);
            return [.. why.Select(static one => $"Rule {one.Key} would not be written: {one.Value}")];
        }
        catch (ScanEngineException)
        {
            // -WhatIf needs no rights to look at a filter.
            return [];
        }
    }
}
