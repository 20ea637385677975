using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Applier;

/// <summary>
/// Reads from a node's own store where a plan's change stands. What a plan says of itself counts for nothing here: it
/// may have come through a file.
/// </summary>
internal static class PlanStateReader
{
    /// <summary>On the console's host, whose store is the truth; null when it does not know the engine.</summary>
    public static FirewallPlanState? OnConsole(IConsoleStore store, FirewallPlan plan)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(plan);
        ChangeRecord? change = plan.ChangeId == Guid.Empty ? null : store.GetChange(plan.ChangeId);
        Guid pairing = plan.PairingId != Guid.Empty ? plan.PairingId : change?.PairingId ?? Guid.Empty;
        EngineRecord? engine = pairing != Guid.Empty
            ? store.GetEngine(pairing)
            : store.ListEngines().FirstOrDefault(
                e => string.Equals(e.Name, plan.EngineName, StringComparison.OrdinalIgnoreCase));
        if (engine is null)
        {
            return null;
        }

        bool its = change is not null && change.PairingId == engine.PairingId
            && change.From == plan.From && change.To == plan.To;
        // Another change that is not settled may just be opening what this one closes.
        bool settled = !store.ListChanges(engine.PairingId, openOnly: true).Any(c => c.ChangeId != plan.ChangeId);
        return new FirewallPlanState(
            engine.Epoch, its ? change!.State : null, its && settled && change!.Acknowledged is not null)
        {
            Port = settled && plan.From == plan.To && engine.Direction == CommunicationDirection.ConsoleToEngine
                ? engine.Port
                : null,
        };
    }

    /// <summary>
    /// On the engine's host. An engine knows no changes, only what is in force and whether it is in doubt; null when it
    /// does not know the console, or knows several that the plan could be of.
    /// </summary>
    public static FirewallPlanState? OnEngine(IEngineStore store, FirewallPlan plan)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(plan);
        ConsoleRecord[] found = plan.PairingId != Guid.Empty
            ? store.GetConsole(plan.PairingId) is { } one ? [one] : []
            : [.. store.ListConsoles().Where(c => c.State is ConsoleState.Approved or ConsoleState.Paired
                && string.Equals(c.EngineName, plan.EngineName, StringComparison.OrdinalIgnoreCase))];
        if (found is not [{ } console])
        {
            return null;
        }

        // In doubt both ways are open, and none may be closed.
        ChangeState? state = console.ChangeId is { } doubt
            ? doubt == plan.ChangeId ? ChangeState.Proving : null
            : console.Epoch != plan.Epoch ? null
            : console.Direction == plan.To ? ChangeState.Committed
            : ChangeState.RolledBack;
        return new FirewallPlanState(console.Epoch, state, state == ChangeState.Committed)
        {
            // While it is stopped its port is not known.
            Port = console.ChangeId is null && plan.From == plan.To
                && console.Direction == CommunicationDirection.ConsoleToEngine
                ? store.GetNode()?.ListensAt?.Port
                : null,
        };
    }
}
