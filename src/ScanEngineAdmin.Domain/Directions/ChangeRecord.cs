using System.Diagnostics.CodeAnalysis;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;

namespace ScanEngineAdmin.Domain.Directions;

/// <summary>
/// One change of direction of one engine, as the console's store holds it: the truth about its outcome.
/// </summary>
internal sealed record ChangeRecord : DirectionTarget
{
    public ChangeRecord()
    {
    }

    /// <summary>Towards the same; the rest is still to be set.</summary>
    [SetsRequiredMembers]
    public ChangeRecord(DirectionTarget target, string requestedBy)
        : base(target) =>
        RequestedBy = requestedBy;

    public required Guid ChangeId { get; init; }

    public required Guid PairingId { get; init; }

    public required CommunicationDirection From { get; init; }

    public CommunicationDirection To => Direction;

    /// <summary>
    /// The epoch under which the new way is proved: the engine's epoch when the change began, plus one.
    /// </summary>
    public required long Epoch { get; init; }

    public required ChangeState State { get; init; }

    /// <summary>The stage in words, or why it was rolled back.</summary>
    public string Detail { get; init; } = string.Empty;

    /// <summary>The fault that made it roll back, as a <see cref="FaultCode"/>.</summary>
    public FaultCode? Fault { get; init; }

    /// <summary>When the engine has acknowledged the outcome; until then both ways are served.</summary>
    public DateTimeOffset? Acknowledged { get; init; }

    public required DateTimeOffset Requested { get; init; }

    public DateTimeOffset? Decided { get; init; }

    /// <summary>Who asked: user@host.</summary>
    public required string RequestedBy { get; init; }

    /// <summary>What the engine said of its own host's applier; null until it was asked to prepare.</summary>
    public FirewallReport? EngineFirewall { get; init; }

    public bool IsDecided => State is ChangeState.Committed or ChangeState.RolledBack;
}
