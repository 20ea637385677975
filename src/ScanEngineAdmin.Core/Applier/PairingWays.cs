using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Applier;

/// <summary>
/// The ways that one pairing needs on this host now, from the host's own store: the direction in force, and that of a
/// change whose outcome is not settled.
/// </summary>
/// <param name="Name">The engine's name, fit for a display and a log whatever the store has.</param>
/// <param name="Ways">One for each direction; each with the peer's addresses.</param>
/// <param name="Open">The change that is not settled, if there is one.</param>
/// <param name="Committed">Whether that change is decided for the new way.</param>
internal sealed record PairingWays(
    string Name, IReadOnlyList<FirewallNeighbour> Ways, Guid? Open = null, bool Committed = false)
{
    /// <summary>A pairing that is not there (any more) needs nothing.</summary>
    public static PairingWays None { get; } = new(string.Empty, []);

    public static Task<PairingWays> OfAsync(INodeStore store, Guid pairingId, CancellationToken cancellationToken) =>
        store switch
        {
            IConsoleStore console => OfConsoleAsync(console, pairingId, cancellationToken),
            IEngineStore engine => OfEngineAsync(engine, pairingId, cancellationToken),
            _ => Task.FromResult(None),
        };

    private static async Task<PairingWays> OfConsoleAsync(
        IConsoleStore store, Guid pairingId, CancellationToken cancellationToken)
    {
        if (store.GetEngine(pairingId) is not { State: EngineState.Paired } engine)
        {
            return None;
        }

        ChangeRecord? open = store.ListChanges(pairingId, openOnly: true) is [var newest, ..] ? newest : null;
        CommunicationDirection[] needed = open is null ? [engine.Direction] : [engine.Direction, open.From, open.To];
        var ways = new List<FirewallNeighbour>();
        foreach (CommunicationDirection direction in needed.Distinct())
        {
            bool standard = direction == CommunicationDirection.ConsoleToEngine;
            ChangeRecord? named = standard && open?.To == direction ? open : null;
            bool elsewhere = named?.Address is { } address && address != engine.Address;
            ways.Add(new FirewallNeighbour(
                engine.Name, pairingId, direction,
                standard ? named?.Port ?? engine.Port : ListenPort(store, NodeRole.Console),
                await FirewallPairings.AddressesAsync(
                    elsewhere ? null : engine.ObservedAddress, elsewhere ? named!.Address : engine.Address,
                    cancellationToken).ConfigureAwait(false)));
        }

        return new PairingWays(
            RuleText.Name(engine.Name), ways, open?.ChangeId, open?.State == ChangeState.Committed);
    }

    private static async Task<PairingWays> OfEngineAsync(
        IEngineStore store, Guid pairingId, CancellationToken cancellationToken)
    {
        if (store.GetConsole(pairingId) is not { State: ConsoleState.Approved or ConsoleState.Paired } console)
        {
            return None;
        }

        string name = RuleText.Name(console.EngineName);
        IReadOnlyList<IPAddress> addresses = await FirewallPairings.AddressesAsync(
            console.ObservedAddress, console.Address, cancellationToken).ConfigureAwait(false);
        var ways = new List<FirewallNeighbour> { Way(console.Direction, console.Port, addresses) };
        if (console is { ChangeId: { } doubt, ChangeTo: { } to })
        {
            (string? address, int port) = console.ChangeTarget;
            bool elsewhere = to == CommunicationDirection.EngineToConsole && address is not null
                && (to == console.Direction || address != console.Address);
            ways.Add(Way(to, port, elsewhere
                ? await FirewallPairings.AddressesAsync(null, address, cancellationToken).ConfigureAwait(false)
                : addresses));
            return new PairingWays(name, Joined(ways), doubt);
        }

        return new PairingWays(name, ways);

        FirewallNeighbour Way(CommunicationDirection direction, int port, IReadOnlyList<IPAddress> at) => new(
            name, pairingId, direction,
            direction == CommunicationDirection.ConsoleToEngine ? ListenPort(store, NodeRole.Engine) : port, at);
    }

    // A rule's id leaves its addresses out: two addresses behind one port are one rule.
    private static FirewallNeighbour[] Joined(IEnumerable<FirewallNeighbour> ways) =>
        [.. ways.GroupBy(static way => (way.Direction, way.Port)).Select(static same => same.First() with
        {
            Addresses = [.. same.SelectMany(static way => way.Addresses).Distinct()],
        })];

    /// <exception cref="ScanEngineException">
    /// ConsoleNotRunning, EngineNotRunning: a node that is stopped says no port, and a usual one instead of its own
    /// would close the way in force.
    /// </exception>
    public static int ListenPort(INodeStore store, NodeRole role) =>
        IPEndPoint.TryParse(store.GetNode()?.EndPoint ?? string.Empty, out IPEndPoint? at) && at.Port != 0
            ? at.Port
            : throw new ScanEngineException(
                role == NodeRole.Console ? FaultCode.ConsoleNotRunning : FaultCode.EngineNotRunning,
                $"The {FirewallLimits.Word(role)} does not listen now, so the port that it needs is not known.",
                "Start it; what it asked for is done when it listens again.",
                FirewallLimits.Word(role));
}
