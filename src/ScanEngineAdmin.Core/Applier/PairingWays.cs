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
        IReadOnlyList<RequiredWay> ways = RequiredWays.Of(
            engine, open is null ? [] : [open], () => ListenPort(store, NodeRole.Console));
        return await ResolvedAsync(
            RuleText.Name(engine.Name), pairingId, ways, open?.ChangeId, open?.State == ChangeState.Committed,
            cancellationToken).ConfigureAwait(false);
    }

    private static async Task<PairingWays> OfEngineAsync(
        IEngineStore store, Guid pairingId, CancellationToken cancellationToken)
    {
        if (store.GetConsole(pairingId) is not { State: ConsoleState.Approved or ConsoleState.Paired } console)
        {
            return None;
        }

        return await ResolvedAsync(
            RuleText.Name(console.EngineName), pairingId,
            RequiredWays.Of(console, () => ListenPort(store, NodeRole.Engine)),
            console.ChangeTo is null ? null : console.ChangeId, committed: false, cancellationToken)
            .ConfigureAwait(false);
    }

    private static async Task<PairingWays> ResolvedAsync(
        string name, Guid pairingId, IReadOnlyList<RequiredWay> ways, Guid? open, bool committed,
        CancellationToken cancellationToken) => new(
            name,
            await RequiredWays.ResolveAsync([.. ways.Select(way => (name, pairingId, way))], cancellationToken)
                .ConfigureAwait(false),
            open,
            committed);

    /// <exception cref="ScanEngineException">
    /// ConsoleNotRunning, EngineNotRunning: a node that is stopped says no port, and a usual one instead of its own
    /// would close the way in force.
    /// </exception>
    public static int ListenPort(INodeStore store, NodeRole role) =>
        store.GetNode()?.ListensAt is { Port: not 0 } at
            ? at.Port
            : throw new ScanEngineException(
                role == NodeRole.Console ? FaultCode.ConsoleNotRunning : FaultCode.EngineNotRunning,
                $"The {FirewallLimits.Word(role)} does not listen now, so the port that it needs is not known.",
                "Start it; what it asked for is done when it listens again.",
                FirewallLimits.Word(role));
}
