using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// Keeps what an engine last said of its direction, so that both ends' views can be shown side by side. It decides
/// nothing. Written only when it is news: ten thousand engines that come back as they were write nothing.
/// </summary>
internal static class EngineReport
{
    /// <summary>What its hello says.</summary>
    public static EngineRecord Record(ConsoleContext node, EngineRecord engine, HelloFacts facts)
    {
        Guid? doubt = facts.ChangeId ?? facts.Doubt;
        bool known = (facts.Direction, facts.Epoch, doubt, facts.ApplierRuns)
            == (engine.ReportedDirection, engine.ReportedEpoch, engine.ReportedChangeId, engine.ReportedApplier);
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
            ReportedDirection = outcome.Direction,
            ReportedEpoch = outcome.Epoch,
            ReportedChangeId = null,
        });

    /// <summary>It refused this console's dial, because it is the one that dials.</summary>
    public static void RefusedDial(ConsoleContext node, EngineRecord engine)
    {
        if (engine.ReportedDirection != CommunicationDirection.EngineToConsole)
        {
            Write(node, engine, CommunicationDirection.EngineToConsole, null, null, engine.ReportedApplier);
        }
    }

    private static EngineRecord Write(
        ConsoleContext node, EngineRecord engine, CommunicationDirection direction, long? epoch, Guid? changeId,
        bool? applier)
    {
        EngineRecord reported = node.Store.UpdateEngine(engine.PairingId, current => current with
        {
            ReportedDirection = direction,
            ReportedEpoch = epoch,
            ReportedChangeId = changeId,
            ReportedApplier = applier,
        }) ?? engine;
        bool wrong = changeId is null && direction != reported.Direction
            && node.Store.ListChanges(engine.PairingId, openOnly: true).Count == 0;
        if (wrong && engine.ReportedDirection != direction)
        {
            node.Audit(
                Events.EngineInWrongDirection,
                reported,
                reported.ObservedAddress ?? reported.Address ?? string.Empty,
                $"The engine says {direction} (epoch {epoch?.ToString(System.Globalization.CultureInfo.InvariantCulture)
                    ?? "not said"}); in force here is {reported.Direction}, epoch {reported.Epoch}.");
        }

        return reported;
    }
}
