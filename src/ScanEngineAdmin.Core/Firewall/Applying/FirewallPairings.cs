using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Direction;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Core.Engines;
using ScanEngineAdmin.Core.Storage;

namespace ScanEngineAdmin.Core.Firewall.Applying;

/// <summary>What a node's own store says of its pairings, as far as this host's filter has to know it.</summary>
public static class FirewallPairings
{
    private static readonly TimeSpan NameBound = TimeSpan.FromSeconds(3);

    /// <summary>A console's engines; one whose change is not settled is given for both directions.</summary>
    public static async Task<IReadOnlyList<FirewallNeighbour>> OfConsoleAsync(
        IConsoleStore store, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        ILookup<Guid, ChangeRecord> open = store.ListChanges(openOnly: true).ToLookup(static c => c.PairingId);
        var found = new List<FirewallNeighbour>();
        foreach (EngineRecord engine in store.ListEngines().Where(static e => e.State != EngineState.Pending))
        {
            // As when a change is planned: what is planned now is what will be found to be right later.
            DirectionAddresses at = DirectionAddresses.Of(
                store, engine, new DirectionWish { Direction = engine.Direction });
            IReadOnlyList<IPAddress> addresses = await AddressesAsync(
                engine.ObservedAddress, engine.Address, cancellationToken).ConfigureAwait(false);
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
        var found = new List<FirewallNeighbour>();
        foreach (ConsoleRecord console in store.ListConsoles()
            .Where(static c => c.State is ConsoleState.Approved or ConsoleState.Paired))
        {
            IReadOnlyList<IPAddress> addresses = await AddressesAsync(
                console.ObservedAddress, console.Address, cancellationToken).ConfigureAwait(false);
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
        string? observed, string? named, CancellationToken cancellationToken)
    {
        string? text = IPAddress.TryParse(observed, out _) ? observed : named;
        if (text is null)
        {
            return [];
        }

        if (IPAddress.TryParse(text, out IPAddress? literal))
        {
            return [literal];
        }

        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bound.CancelAfter(NameBound);
        try
        {
            return await Dns.GetHostAddressesAsync(text, bound.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ArgumentException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Not known: then the rule is for any address, as in a plan.
            return [];
        }
    }
}
