using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// Keeps what an engine last said of its direction, so that both ends' views can be shown side by side. Written only
/// when it differs: ten thousand engines that come back as they were write nothing.
/// </summary>
internal static class EngineReport
{
    /// <summary>
    /// The engine as it would be with what its hello says: a decision later than this store knows means that the store
    /// was restored from a backup, and what the engine heard last is what was decided.
    /// </summary>
    public static EngineRecord Adopted(EngineRecord engine, HelloFacts facts) =>
        facts is { Epoch: { } epoch, Direction: { } direction } && epoch > engine.Epoch
            ? engine with { Epoch = epoch, Direction = direction }
            : engine;

    /// <summary>Takes down what the hello of a channel that was let in says.</summary>
    public static void Take(ConsoleContext node, EngineRecord engine, HelloFacts facts)
    {
        EngineRecord adopted = Adopted(engine, facts);
        if (adopted.Epoch != engine.Epoch)
        {
            adopted = node.Store.UpdateEngine(engine.PairingId, current => Adopted(current, facts)) ?? adopted;
            node.Audit(
                Events.EpochAdopted,
                adopted,
                adopted.ObservedAddress ?? string.Empty,
                $"{facts.Direction}, epoch {facts.Epoch}");
        }

        Record(node, adopted, facts);
    }

    private static void Record(ConsoleContext node, EngineRecord engine, HelloFacts facts)
    {
        Guid? doubt = facts.ChangeId ?? facts.Doubt;
        bool known = (facts.Direction, facts.Epoch, doubt, facts.ApplierRuns)
            == (engine.ReportedDirection, engine.ReportedEpoch, engine.ReportedChangeId, engine.ReportedApplier);
        if (known || facts.Direction is not { } direction)
        {
            return;
        }

        // A hello may be older than an acknowledgement that came over the other way meanwhile.
        bool over = doubt is { } id && node.Store.GetChange(id) is { Acknowledged: not null };
        if (!over)
        {
            Write(node, engine, direction, facts.Epoch, doubt, facts.ApplierRuns);
        }
    }

    /// <summary>It acknowledged an outcome.</summary>
    public static void Acknowledged(ConsoleContext node, Guid pairingId, DirectionOutcome outcome) =>
        node.Store.UpdateEngine(pairingId, current => Acknowledged(current, outcome));

    /// <summary>The engine as it is then.</summary>
    public static EngineRecord Acknowledged(EngineRecord engine, DirectionOutcome outcome) => engine with
    {
        ReportedDirection = outcome.Direction,
        ReportedEpoch = outcome.Epoch,
        ReportedChangeId = null,
    };

    /// <summary>It refused this console's dial, because it is the one that dials.</summary>
    public static void RefusedDial(ConsoleContext node, EngineRecord engine)
    {
        if (engine.ReportedDirection != CommunicationDirection.EngineToConsole)
        {
            Write(node, engine, CommunicationDirection.EngineToConsole, null, null, engine.ReportedApplier);
        }
    }

    private static void Write(
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
    }
}
