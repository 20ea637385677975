using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Firewall.Planning;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Admin;

/// <summary>The firewall plan of a change, from what the console's store knows.</summary>
internal static class DirectionPlan
{
    /// <param name="store">The console's store.</param>
    /// <param name="engine">The engine as it was before the change.</param>
    /// <param name="to">The direction asked for.</param>
    /// <param name="addresses">Where the two are dialled.</param>
    /// <param name="hosts">What the OS said.</param>
    /// <param name="change">The change's row; null for a dry run, or if nothing had to change.</param>
    /// <param name="denyOutbound">The hosts that were said to deny connections out by default.</param>
    /// <param name="dryRun">Whether it is only asked about.</param>
    public static FirewallPlan Make(
        IConsoleStore store,
        EngineRecord engine,
        CommunicationDirection to,
        DirectionAddresses addresses,
        DirectionHosts hosts,
        ChangeRecord? change,
        IReadOnlyList<NodeRole> denyOutbound,
        bool dryRun) => FirewallPlanner.Plan(new FirewallPlanRequest
        {
            ChangeId = change?.ChangeId ?? Guid.Empty,
            PairingId = engine.PairingId,
            EngineName = engine.Name,
            From = engine.Direction,
            To = to,
            Epoch = change?.Epoch ?? (to == engine.Direction ? engine.Epoch : engine.Epoch + 1),
            DryRun = dryRun,
            State = change?.State ?? (dryRun ? ChangeState.Requested : ChangeState.Committed),
            Console = new FirewallHost
            {
                Name = addresses.Console ?? Environment.MachineName,
                Resolved = hosts.Resolve(addresses.Console),
                Port = addresses.ConsolePort,
                Provider = hosts.ConsoleProvider,
                Nftables = hosts.ConsoleNftables,
                Policies = hosts.ConsolePolicies,
                DeniesOutbound = hosts.DeniesOutbound(NodeRole.Console, denyOutbound),
            },
            Engine = new FirewallHost
            {
                Name = addresses.Engine ?? engine.Name,
                Observed = IPAddress.TryParse(engine.ObservedAddress, out IPAddress? seen) ? seen : null,
                Resolved = hosts.Resolve(addresses.Engine),
                Port = addresses.EnginePort,
                Provider = hosts.EngineProvider,
                DeniesOutbound = hosts.DeniesOutbound(NodeRole.Engine, denyOutbound),
            },
            OtherEngines = Others(store, engine.PairingId, addresses.ConsolePort).ToArray(),
        });

    // One whose change is not settled needs both ways, so it counts twice.
    private static IEnumerable<FirewallNeighbour> Others(IConsoleStore store, Guid pairingId, int consolePort)
    {
        ILookup<Guid, ChangeRecord> open = store.ListChanges(openOnly: true).ToLookup(change => change.PairingId);
        return store.ListEngines()
            .Where(other => other.PairingId != pairingId && other.State != EngineState.Pending)
            .SelectMany(other => RequiredWays.Of(other, [.. open[other.PairingId]], () => consolePort)
                .Select(way => new FirewallNeighbour(
                    other.Name, other.PairingId, way.Direction, way.Port,
                    [.. new[] { way.ObservedAddress, way.Address }
                        .Select(text => IPAddress.TryParse(text, out IPAddress? address) ? address : null)
                        .OfType<IPAddress>().Distinct()])));
    }
}
