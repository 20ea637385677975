using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Core.Firewall;

/// <summary>
/// Makes the plan for one change of direction. Pure: the same request gives the same plan. Adds come first and Removes
/// last, so that carrying it out from top to bottom never closes the way in force.
/// </summary>
public static class FirewallPlanner
{
    public static FirewallPlan Plan(FirewallPlanRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var adds = new List<FirewallRule>();
        var keeps = new List<FirewallRule>();
        var removes = new List<FirewallRule>();
        foreach (NodeRole host in Enum.GetValues<NodeRole>())
        {
            var side = new FirewallSide(request, host);
            if (request.From == request.To)
            {
                keeps.AddRange(side.Needs(request.To).Select(side.Unchanged));
                continue;
            }

            foreach (FirewallNeed need in side.Needs(request.To))
            {
                side.Opened(need, adds, keeps);
            }

            foreach (FirewallNeed need in side.Needs(request.From))
            {
                side.Closed(need, removes, keeps);
            }
        }

        return new FirewallPlan
        {
            ChangeId = request.ChangeId,
            EngineName = request.EngineName,
            From = request.From,
            To = request.To,
            Epoch = request.Epoch,
            DryRun = request.DryRun,
            State = request.State,
            Rules = [.. adds, .. keeps, .. removes],
        };
    }
}
