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
        EngineView = engine.ToldDirection is { } told
            ? new EngineDirectionView(told, engine.ToldEpoch, engine.ToldChangeId is not null)
            : null;
        Epoch = engine.Epoch;
        State = report.State;
        LastChange = report.LastChange is null ? null : new ScanEngineDirectionChange(report.LastChange, dataPath);
        Drift = report.DriftDetail.Length > 0;
        DriftDetail = report.DriftDetail;
        NextExpected = Typed.Local(engine.NextExpected);
        Detail = report.Wish is { } wish ? Words(wish) : report.LastChange?.Detail ?? string.Empty;
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

    public DateTime? NextExpected { get; }

    /// <summary>What the offline wish waits for, else what became of the last change.</summary>
    public string Detail { get; }

    /// <summary>The data folder of the console that says so.</summary>
    public string DataPath { get; }

    public override string ToString() => $"{EngineName}: {Direction}, {State}";

    private static string Words(OfflineWish wish) => string.Create(
        CultureInfo.CurrentCulture, $"Wanted since {wish.Requested.LocalDateTime:g} by {wish.RequestedBy}")
        + (wish.Attempts == 0
            ? "; tried at the next contact."
            : string.Create(
                CultureInfo.CurrentCulture,
                $"; tried {wish.Attempts} times, again from {wish.NotBefore?.LocalDateTime:g} on. "
                + $"Last: {wish.Detail}"));
}
