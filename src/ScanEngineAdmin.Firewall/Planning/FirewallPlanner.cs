using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Firewall.Planning;

/// <summary>
/// Makes the plan for one change of direction. Pure: the same request gives the same plan. Adds come first and Removes
/// last, so that carrying it out from top to bottom never closes the way in force.
/// </summary>
internal static class FirewallPlanner
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
            if (request.From == request.To && !request.Moved)
            {
                keeps.AddRange(side.Needs(request.To).Select(side.Unchanged));
                continue;
            }

            foreach (FirewallNeed need in side.Needs(request.To))
            {
                side.Opened(need, adds, keeps);
            }

            foreach (FirewallNeed need in request.Moved ? side.Left() : side.Needs(request.From))
            {
                side.Closed(need, removes, keeps);
            }
        }

        return new FirewallPlan
        {
            ChangeId = request.ChangeId,
            PairingId = request.PairingId,
            EngineName = request.EngineName,
            From = request.From,
            To = request.To,
            Epoch = request.Epoch,
            DryRun = request.DryRun,
            State = request.State,
            Rules = [.. adds, .. keeps, .. removes],
            OutboundUnknown = [.. Enum.GetValues<NodeRole>()
                .Where(host => (request.From != request.To || request.Moved)
                    && new FirewallSide(request, host).MayNeedMore(request.To))],
        };
    }

    /// <summary>
    /// What one host needs now for all its pairings, whatever changes there were: every engine of a console, or every
    /// console of an engine. One in the middle of a change is given twice, as it needs both ways.
    /// </summary>
    /// <param name="role">Whether the host is the console's or the engine's.</param>
    /// <param name="host">The host.</param>
    /// <param name="pairings">The other ends, with the direction each has.</param>
    public static IReadOnlyList<FirewallRule> Needed(
        NodeRole role, FirewallHost host, IReadOnlyList<FirewallNeighbour> pairings)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(pairings);
        IFirewallWriter? writer = host.Provider is { } provider
            ? FirewallWriters.For(provider, host.Nftables, host.Policies)
            : null;
        var needed = new List<FirewallRule>();
        foreach (FirewallNeighbour pairing in pairings)
        {
            var here = host with { Port = pairing.Port };
            var there = new FirewallHost
            {
                Name = pairing.Name,
                Resolved = pairing.Addresses,
                AllowFrom = pairing.AllowFrom,
                Port = pairing.Port,
            };
            FirewallPlan plan = Plan(new FirewallPlanRequest
            {
                PairingId = pairing.PairingId,
                EngineName = pairing.Name,
                From = pairing.Direction,
                To = pairing.Direction,
                Epoch = 0,
                DryRun = true,
                Console = role == NodeRole.Console ? here : there,
                Engine = role == NodeRole.Engine ? here : there,
            });
            // Written as Add, so that whoever finds one missing has the command that adds it.
            needed.AddRange(plan.Rules.Where(r => r.HostRole == role).Select(r => r with { Change = RuleChange.Add })
                .Select(r => writer is null ? r : FirewallWriters.WithCommands(r, writer, pairing.Name)));
        }

        return [.. needed.DistinctBy(static r => r.RuleId)];
    }
}
