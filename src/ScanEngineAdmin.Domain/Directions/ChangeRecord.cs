using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;

namespace ScanEngineAdmin.Domain.Directions;

/// <summary>
/// One change of direction of one engine, as the console's store holds it: the truth about its outcome.
/// </summary>
public sealed record ChangeRecord
{
    public required Guid ChangeId { get; init; }

    public required Guid PairingId { get; init; }

    public required CommunicationDirection From { get; init; }

    public required CommunicationDirection To { get; init; }

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

    /// <summary>For a change to standard: where the console will dial the engine.</summary>
    public string? Address { get; init; }

    public int? Port { get; init; }

    /// <summary>For a change to reverse: where the engine will dial the console.</summary>
    public string? ConsoleAddress { get; init; }

    public int? ConsolePort { get; init; }

    /// <summary>How long the change may take until it is rolled back.</summary>
    public required TimeSpan Timeout { get; init; }

    public required DateTimeOffset Requested { get; init; }

    public DateTimeOffset? Decided { get; init; }

    /// <summary>Who asked: user@host.</summary>
    public required string RequestedBy { get; init; }

    /// <summary>Whether both hosts' firewalls follow it, each by its own applier.</summary>
    public bool ApplyFirewall { get; init; }

    /// <summary>What the engine said of its own host's applier; null until it was asked to prepare.</summary>
    public FirewallReport? EngineFirewall { get; init; }

    public bool IsDecided => State is ChangeState.Committed or ChangeState.RolledBack;
}
