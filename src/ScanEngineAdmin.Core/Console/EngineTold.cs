using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// Keeps what an engine last said of its direction, so that both ends' views can be shown side by side. It decides
/// nothing. Written only when it is news: ten thousand engines that come back as they were write nothing.
/// </summary>
internal static class EngineTold
{
    /// <summary>What its hello says.</summary>
    public static EngineRecord Record(ConsoleContext node, EngineRecord engine, HelloFacts facts)
    {
        Guid? doubt = facts.ChangeId ?? facts.Doubt;
        bool known = (facts.Direction, facts.Epoch, doubt, facts.ApplierRuns)
            == (engine.ToldDirection, engine.ToldEpoch, engine.ToldChangeId, engine.ToldApplier);
        if (known || facts.Direction is not { } direction)
        {
            return engine;
        }

        // A hello may be older than an acknowledgement that came over the other way meanwhile.
        bool over = doubt is { } id && node.Store.GetChange(id) is { Acknowledged: not null };
        return over ? engine : Write(node, engine, direction, facts.Epoch, doubt, facts.ApplierRuns);
    }

    /// <summary>It acknowledged an outcome.</summary>
    public static void Acknowledged(ConsoleContext node, Guid pairingId, DirectionOutcome outcome) =>
        node.Store.UpdateEngine(pairingId, current => current with
        {
            ToldDirection = outcome.Direction,
            ToldEpoch = outcome.Epoch,
            ToldChangeId = null,
        });

    /// <summary>It refused this console's dial, because it is the one that dials.</summary>
    public static void RefusedDial(ConsoleContext node, EngineRecord engine)
    {
        if (engine.ToldDirection != CommunicationDirection.EngineToConsole)
        {
            Write(node, engine, CommunicationDirection.EngineToConsole, null, null, engine.ToldApplier);
        }
    }

    private static EngineRecord Write(
        ConsoleContext node, EngineRecord engine, CommunicationDirection direction, long? epoch, Guid? changeId,
        bool? applier)
    {
        EngineRecord told = node.Store.UpdateEngine(engine.PairingId, current => current with
        {
            ToldDirection = direction,
            ToldEpoch = epoch,
            ToldChangeId = changeId,
            ToldApplier = applier,
        }) ?? engine;
        bool wrong = changeId is null && direction != told.Direction
            && node.Store.ListChanges(engine.PairingId, openOnly: true).Count == 0;
        if (wrong && engine.ToldDirection != direction)
        {
            node.Audit(
                "EngineInWrongDirection",
                told,
                told.ObservedAddress ?? told.Address ?? string.Empty,
                $"The engine says {direction} (epoch {epoch?.ToString(System.Globalization.CultureInfo.InvariantCulture)
                    ?? "not said"}); in force here is {told.Direction}, epoch {told.Epoch}.");
        }

        return told;
    }
}
