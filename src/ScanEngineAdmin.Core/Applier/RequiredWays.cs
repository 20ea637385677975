using System.Net;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Applier;

/// <summary>
/// Which ways a pairing requires, and where each leads: the way in force, and those of a change whose outcome is not
/// settled. The plan, the applier, the comparison with what is installed and the engine's listener all ask here.
/// </summary>
internal static class RequiredWays
{
    /// <summary>A console's side.</summary>
    /// <param name="engine">The engine as the console's store has it.</param>
    /// <param name="open">Its changes that are not settled.</param>
    /// <param name="ownPort">The port of this console; asked for only where a way leads to it.</param>
    public static IReadOnlyList<RequiredWay> Of(
        EngineRecord engine, IReadOnlyCollection<ChangeRecord> open, Func<int> ownPort)
    {
        return [.. new[] { To(engine.Direction, null) }
            .Concat(open.SelectMany(change => new[] { To(change.From, null), To(change.To, change) }))
            .Distinct()];

        RequiredWay To(CommunicationDirection direction, ChangeRecord? change)
        {
            if (direction == CommunicationDirection.EngineToConsole)
            {
                return new RequiredWay(direction, ownPort(), engine.ObservedAddress, engine.Address, engine.AllowFrom);
            }

            int port = change?.Port ?? engine.Port;
            return change?.Address is { } named && named != engine.Address
                ? new RequiredWay(direction, port, null, named)
                : new RequiredWay(direction, port, engine.ObservedAddress, engine.Address);
        }
    }

    /// <summary>An engine's side.</summary>
    /// <param name="console">The console as the engine's store has it.</param>
    /// <param name="ownPort">The port of this engine; asked for only where a way leads to it.</param>
    public static IReadOnlyList<RequiredWay> Of(ConsoleRecord console, Func<int> ownPort)
    {
        RequiredWay inForce = To(console.Direction, console.Port, null);
        if (console is not { ChangeId: not null, ChangeTo: { } to })
        {
            return [inForce];
        }

        (string? address, int port) = console.ChangeTarget;
        bool elsewhere = to == CommunicationDirection.EngineToConsole && address is not null
            && (to == console.Direction || address != console.Address);
        return [.. new[] { inForce, To(to, port, elsewhere ? address : null) }.Distinct()];

        RequiredWay To(CommunicationDirection direction, int port, string? other) => new(
            direction,
            direction == CommunicationDirection.ConsoleToEngine ? ownPort() : port,
            other is null ? console.ObservedAddress : null,
            other ?? console.Address);
    }

    /// <summary>Whether any required way leads in that direction.</summary>
    public static bool Lead(ConsoleRecord console, CommunicationDirection direction) =>
        Of(console, static () => 0).Any(way => way.Direction == direction);

    /// <summary>The ways as a plan of rules has them, with the peers' addresses.</summary>
    public static async Task<IReadOnlyList<FirewallNeighbour>> ResolveAsync(
        IReadOnlyList<(string Name, Guid PairingId, RequiredWay Way)> ways, CancellationToken cancellationToken)
    {
        IReadOnlyList<IReadOnlyList<IPAddress>> known = await PeerNames.OfThisHost.ResolveAsync(
            [.. ways.Select(static one => (one.Way.ObservedAddress, one.Way.Address))], cancellationToken)
            .ConfigureAwait(false);

        // A rule's id leaves its addresses out: two addresses behind one port are one rule.
        return [.. ways
            .Zip(known, static (one, addresses) => new FirewallNeighbour(
                one.Name, one.PairingId, one.Way.Direction, one.Way.Port, addresses)
            {
                AllowFrom = AllowedSources.Read(one.Way.AllowFrom),
            })
            .GroupBy(static way => (way.PairingId, way.Direction, way.Port))
            .Select(static same => same.First() with
            {
                Addresses = [.. same.SelectMany(static way => way.Addresses).Distinct()],
            })];
    }
}
