using System.Net;
using ScanEngineAdmin.Channel;
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
public static class FirewallPairings
{
    /// <summary>A console's engines; one whose change is not settled is given for both directions.</summary>
    public static async Task<IReadOnlyList<FirewallNeighbour>> OfConsoleAsync(
        IConsoleStore store, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        ILookup<Guid, ChangeRecord> open = store.ListChanges(openOnly: true).ToLookup(static c => c.PairingId);
        EngineRecord[] engines = [.. store.ListEngines().Where(static e => e.State != EngineState.Pending)];
        IReadOnlyList<IReadOnlyList<IPAddress>> known = await PeerNames.OfThisHost.ResolveAsync(
            [.. engines.Select(static e => (e.ObservedAddress, e.Address))], cancellationToken).ConfigureAwait(false);
        var found = new List<FirewallNeighbour>();
        foreach ((EngineRecord engine, IReadOnlyList<IPAddress> addresses) in engines.Zip(known))
        {
            // As when a change is planned: what is planned now is what will be found to be right later.
            DirectionAddresses at = DirectionAddresses.Of(
                store, engine, new DirectionChangeRequest { Direction = engine.Direction });
            found.AddRange(open[engine.PairingId].SelectMany(static c => new[] { c.From, c.To })
                .Append(engine.Direction).Distinct().Select(direction => new FirewallNeighbour(
                    engine.Name, engine.PairingId, direction,
                    FirewallNeed.Acceptor(direction) == NodeRole.Console ? at.ConsolePort : at.EnginePort,
                    addresses)));
        }

        return found;
    }

    /// <summary>
    /// An engine's consoles; one whose change this engine is in doubt about is given for both directions.
    /// </summary>
    public static async Task<IReadOnlyList<FirewallNeighbour>> OfEngineAsync(
        IEngineStore store, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        int listens = IPEndPoint.TryParse(store.GetNode()?.EndPoint ?? string.Empty, out IPEndPoint? at)
            ? at.Port
            : WellKnownPorts.Engine;
        ConsoleRecord[] consoles = [.. store.ListConsoles()
            .Where(static c => c.State is ConsoleState.Approved or ConsoleState.Paired)];
        IReadOnlyList<IReadOnlyList<IPAddress>> known = await PeerNames.OfThisHost.ResolveAsync(
            [.. consoles.Select(static c => (c.ObservedAddress, c.Address))], cancellationToken).ConfigureAwait(false);
        var found = new List<FirewallNeighbour>();
        foreach ((ConsoleRecord console, IReadOnlyList<IPAddress> addresses) in consoles.Zip(known))
        {
            CommunicationDirection[] needed = console is { ChangeId: not null, ChangeTo: { } to }
                && to != console.Direction ? [console.Direction, to] : [console.Direction];
            found.AddRange(needed.Select(direction => new FirewallNeighbour(
                console.EngineName, console.PairingId, direction,
                FirewallNeed.Acceptor(direction) == NodeRole.Engine ? listens
                    : direction == console.Direction ? console.Port : console.ChangeTarget.Port,
                addresses)));
        }

        return found;
    }

    /// <summary>
    /// The plan, with what this host's pairings need now kept: some of it may have come after the plan was made, and
    /// where a provider knows rules by effect a Remove of one pairing would take it from another.
    /// </summary>
    public static FirewallPlan Guard(FirewallPlan plan, IReadOnlyList<FirewallRule> needed)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(needed);
        return plan with
        {
            Rules = [.. plan.Rules, .. plan.Rules.Where(static r => r.Change == RuleChange.Remove).SelectMany(
                remove => needed.Where(n => n.RuleId != remove.RuleId && n.Flow == remove.Flow
                        && n.LocalPort == remove.LocalPort && n.AddressFamily == remove.AddressFamily)
                    .Select(n => n with
                    {
                        RuleId = remove.RuleId,
                        HostRole = remove.HostRole,
                        Change = RuleChange.Keep,
                        Command = string.Empty,
                        UndoCommand = string.Empty,
                    }))],
        };
    }

    /// <summary>The address it was seen at, else what the name means; empty when nobody knows.</summary>
    internal static async Task<IReadOnlyList<IPAddress>> AddressesAsync(
        string? observed, string? named, CancellationToken cancellationToken) =>
        (await PeerNames.OfThisHost.ResolveAsync([(observed, named)], cancellationToken).ConfigureAwait(false))[0];
}
