using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin;

/// <summary>One change of an engine's direction.</summary>
public sealed class ScanEngineDirectionChange
{
    internal ScanEngineDirectionChange(ChangeRecord change, string dataPath)
    {
        ChangeId = change.ChangeId;
        RequestedBy = change.RequestedBy;
        Requested = change.Requested.LocalDateTime;
        From = change.From;
        To = change.To;
        Outcome = change.State;
        Acknowledged = change.Acknowledged?.LocalDateTime;
        Detail = change.Detail;
        DataPath = dataPath;
    }

    public Guid ChangeId { get; }

    /// <summary>Who asked for it: user@host.</summary>
    public string RequestedBy { get; }

    public DateTime Requested { get; }

    public CommunicationDirection From { get; }

    public CommunicationDirection To { get; }

    /// <summary>Committed or RolledBack; where it stands while it is not decided.</summary>
    public ChangeState Outcome { get; }

    /// <summary>When the engine had the outcome.</summary>
    public DateTime? Acknowledged { get; }

    public string Detail { get; }

    public string DataPath { get; }

    public override string ToString() => $"{From} -> {To}: {Outcome}";
}
