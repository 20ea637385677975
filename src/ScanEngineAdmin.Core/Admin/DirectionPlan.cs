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
    /// <param name="moved">Whether the direction stays and the side that is dialled is dialled elsewhere.</param>
    public static FirewallPlan Make(
        IConsoleStore store,
        EngineRecord engine,
        CommunicationDirection to,
        DirectionAddresses addresses,
        DirectionHosts hosts,
        ChangeRecord? change,
        IReadOnlyList<NodeRole> denyOutbound,
        bool dryRun,
        bool moved) => FirewallPlanner.Plan(new FirewallPlanRequest
        {
            ChangeId = change?.ChangeId ?? Guid.Empty,
            PairingId = engine.PairingId,
            EngineName = engine.Name,
            From = engine.Direction,
            To = to,
            Moved = moved,
            LeftPort = moved ? LeftPort(store, engine, addresses, change) : null,
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
                // Where it was seen is not where it is to be dialled from now on.
                Observed = !(moved && to == CommunicationDirection.ConsoleToEngine
                        && addresses.Engine != engine.Address)
                    && IPAddress.TryParse(engine.ObservedAddress, out IPAddress? seen) ? seen : null,
                Resolved = hosts.Resolve(addresses.Engine),
                AllowFrom = AllowedSources.Read(engine.AllowFrom),
                Port = addresses.EnginePort,
                Provider = hosts.EngineProvider,
                DeniesOutbound = hosts.DeniesOutbound(NodeRole.Engine, denyOutbound),
            },
            OtherEngines = Others(store, engine.PairingId, addresses.ConsolePort).ToArray(),
        });

    private static int? LeftPort(
        IConsoleStore store, EngineRecord engine, DirectionAddresses addresses, ChangeRecord? change)
    {
        if (engine.Direction == CommunicationDirection.ConsoleToEngine)
        {
            return engine.Port == addresses.EnginePort ? null : engine.Port;
        }

        int? told = store.ListChanges(engine.PairingId).FirstOrDefault(
            c => c is { State: ChangeState.Committed, ConsoleAddress: not null } && c.ChangeId != change?.ChangeId)
            ?.ConsolePort;

        // What a router forwards comes to the port that this console listens at, whatever the engine dials.
        return told == addresses.ConsolePort || told == store.GetNode()?.ListensAt?.Port ? null : told;
    }

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
                        .OfType<IPAddress>().Distinct()])
                {
                    AllowFrom = AllowedSources.Read(way.AllowFrom),
                }));
    }
}
