using System.Globalization;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Admin;

/// <summary>
/// The direction of one engine: what is wanted, what is in force, what the engine says, and what was done.
/// </summary>
internal sealed record CommunicationReport
{
    public required EngineRecord Engine { get; init; }

    public required CommunicationDirection DesiredDirection { get; init; }

    public required CommunicationState State { get; init; }

    public required ChangeRecord? LastChange { get; init; }

    public required PendingDirectionChange? Pending { get; init; }

    /// <summary>The change that last told the engine where to dial this console; null where none did.</summary>
    public required ChangeRecord? Told { get; init; }

    /// <summary>How the two ends' views differ while no change explains it; empty if they do not.</summary>
    public required string DriftDetail { get; init; }

    internal static CommunicationReport Of(IConsoleStore store, EngineRecord engine)
    {
        IReadOnlyList<ChangeRecord> changes = store.ListChanges(engine.PairingId);
        ChangeRecord? last = changes is [var newest, ..] ? newest : null;
        PendingDirectionChange? pending = store.GetPendingChange(engine.PairingId);
        pending = pending?.Direction == engine.Direction ? null : pending;
        CommunicationState state = last switch
        {
            { IsDecided: false } => CommunicationState.Changing,
            { Acknowledged: null } => CommunicationState.InDoubt,
            _ when engine.ReportedChangeId is not null => CommunicationState.InDoubt,
            _ when pending is not null => CommunicationState.PendingChange,
            _ => engine.ReportedDirection is null ? CommunicationState.Unknown : CommunicationState.Settled,
        };
        bool open = last is not null && (!last.IsDecided || last.Acknowledged is null);
        return new CommunicationReport
        {
            Engine = engine,
            DesiredDirection = last is { IsDecided: false } ? last.To : pending?.Direction ?? engine.Direction,
            State = state,
            LastChange = last,
            Pending = pending,
            Told = changes.FirstOrDefault(static c => c is { State: ChangeState.Committed, ConsoleAddress: not null }),
            DriftDetail = open ? string.Empty : Drift(engine),
        };
    }

    private static string Drift(EngineRecord engine)
    {
        string here = string.Create(
            CultureInfo.InvariantCulture, $"in force here is {engine.Direction}, epoch {engine.Epoch}");
        return engine switch
        {
            { ReportedChangeId: { } id } =>
                $"The engine is in doubt about change {id:D}, which is closed here; at its next contact it is told "
                + $"that {here}.",
            { ReportedDirection: { } reported } when reported != engine.Direction =>
                $"The engine said {reported} ({EpochOf(engine)}); {here}. "
                + "One of the two was restored from a backup, or its data folder was copied.",
            { ReportedEpoch: { } epoch } when epoch > engine.Epoch =>
                $"The engine said {EpochOf(engine)}; {here}. This console's store is older than the engine's.",
            _ => string.Empty,
        };
    }

    private static string EpochOf(EngineRecord engine) => engine.ReportedEpoch is { } epoch
        ? string.Create(CultureInfo.InvariantCulture, $"epoch {epoch}")
        : "epoch not said";
}
