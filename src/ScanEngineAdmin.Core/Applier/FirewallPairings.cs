using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Applier;

/// <summary>What a node's own store says of its pairings, as far as this host's filter has to know it.</summary>
internal static class FirewallPairings
{
    /// <summary>A console's engines; one whose change is not settled is given for both directions.</summary>
    public static async Task<IReadOnlyList<FirewallNeighbour>> OfConsoleAsync(
        IConsoleStore store, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        ILookup<Guid, ChangeRecord> open = store.ListChanges(openOnly: true).ToLookup(static c => c.PairingId);

        // The port of the console as when a change is planned: what is planned now is found to be right later.
        return await RequiredWays.ResolveAsync(
            [.. store.ListEngines().Where(static engine => engine.State != EngineState.Pending).SelectMany(
                engine => RequiredWays.Of(engine, [.. open[engine.PairingId]], () => PortFor(engine))
                    .Select(way => (engine.Name, engine.PairingId, way)))],
            cancellationToken).ConfigureAwait(false);

        int PortFor(EngineRecord engine) => DirectionAddresses.Of(
            store, engine, new DirectionChangeRequest { Direction = engine.Direction }).ConsolePort;
    }

    /// <summary>
    /// An engine's consoles; one whose change this engine is in doubt about is given for both directions.
    /// </summary>
    public static async Task<IReadOnlyList<FirewallNeighbour>> OfEngineAsync(
        IEngineStore store, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        int port = store.GetNode()?.ListensAt?.Port ?? WellKnownPorts.Engine;
        return await RequiredWays.ResolveAsync(
            [.. store.ListConsoles().Where(static console => console.State is ConsoleState.Approved
                or ConsoleState.Paired).SelectMany(console => RequiredWays.Of(console, () => port)
                    .Select(way => (console.EngineName, console.PairingId, way)))],
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// The plan, with what this host's pairings need now kept: some of it may have come after the plan was made, and
    /// where a provider knows rules by effect a Remove of one pairing would take it from another, and so would an Add
    /// that leaves an address.
    /// </summary>
    public static FirewallPlan Guard(FirewallPlan plan, IReadOnlyList<FirewallRule> needed)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(needed);
        return plan with
        {
            Rules = [.. plan.Rules, .. plan.Rules.Where(static r => r.Change != RuleChange.Keep).SelectMany(
                rule => needed.Where(n => n.RuleId != rule.RuleId && n.Flow == rule.Flow
                        && n.LocalPort == rule.LocalPort && n.AddressFamily == rule.AddressFamily)
                    .Select(n => n with
                    {
                        RuleId = rule.RuleId,
                        HostRole = rule.HostRole,
                        Change = RuleChange.Keep,
                        Command = string.Empty,
                        UndoCommand = string.Empty,
                    }))],
        };
    }
}
