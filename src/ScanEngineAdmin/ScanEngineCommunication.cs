using System.Globalization;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin;

/// <summary>How the direction of a Scan Engine stands at its console.</summary>
public sealed class ScanEngineCommunication
{
    internal ScanEngineCommunication(CommunicationReport report, string dataPath)
    {
        EngineRecord engine = report.Engine;
        EngineName = engine.Name;
        Direction = engine.Direction;
        DesiredDirection = report.DesiredDirection;
        EngineView = engine.ReportedDirection is { } reported
            ? new EngineDirectionView(reported, engine.ReportedEpoch, engine.ReportedChangeId is not null)
            : null;
        Epoch = engine.Epoch;
        State = report.State;
        LastChange = report.LastChange is null ? null : new ScanEngineDirectionChange(report.LastChange, dataPath);
        Drift = report.DriftDetail.Length > 0;
        DriftDetail = report.DriftDetail;
        ConsoleAddress = report.Told?.ConsoleAddress;
        ConsolePort = report.Told?.ConsolePort;
        NextExpected = InputParser.Local(engine.NextExpected);
        Detail = report switch
        {
            { Pending: { } pending } => Words(pending),
            { LastChange: { } change } => change.Detail ?? string.Empty,
            { State: CommunicationState.Unknown } => engine.State == EngineState.Paired
                ? "The engine was not met since it was paired." : EngineAccess.NotPaired(engine).Message,
            _ => string.Empty,
        };
        DataPath = dataPath;
    }

    public string EngineName { get; }

    /// <summary>The direction in force.</summary>
    public CommunicationDirection Direction { get; }

    /// <summary>The direction that is asked for; the one in force if no other is.</summary>
    public CommunicationDirection DesiredDirection { get; }

    /// <summary>What the engine itself said at its last contact; none while it was never met.</summary>
    public EngineDirectionView? EngineView { get; }

    /// <summary>Counts the changes; both ends have the same when they agree.</summary>
    public long Epoch { get; }

    public CommunicationState State { get; }

    public ScanEngineDirectionChange? LastChange { get; }

    /// <summary>Whether the two ends' views differ while no change explains it.</summary>
    public bool Drift { get; }

    public string DriftDetail { get; }

    /// <summary>
    /// Where this console last told the engine to dial it; none where it never did, as the engine's own admin named it.
    /// </summary>
    public string? ConsoleAddress { get; }

    public int? ConsolePort { get; }

    public DateTime? NextExpected { get; }

    /// <summary>
    /// What the pending change waits for, else what became of the last change, else why the engine has not said its
    /// direction.
    /// </summary>
    public string Detail { get; }

    /// <summary>The data folder of the console that says so.</summary>
    public string DataPath { get; }

    public override string ToString() => $"{EngineName}: {Direction}, {State}";

    private static string Words(PendingDirectionChange pending) => string.Create(
        CultureInfo.InvariantCulture, $"Wanted since {pending.Requested:u} by {pending.RequestedBy}")
        + (pending.Attempts == 0
            ? "; tried at the next contact."
            : string.Create(
                CultureInfo.InvariantCulture,
                $"; tried {pending.Attempts} times, again from {pending.NotBefore:u} on. "
                + $"Last: {pending.Detail}"));
}
