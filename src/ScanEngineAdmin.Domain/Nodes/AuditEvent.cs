namespace ScanEngineAdmin.Domain.Nodes;

/// <summary>One line of the audit trail: who did what to what, and how it ended.</summary>
internal sealed record AuditEvent
{
    public required DateTimeOffset Time { get; init; }

    /// <summary>Whoever says nothing else is bounded as a peer is.</summary>
    public AuditClass Class { get; init; }

    /// <summary>A short name such as Paired, Approved, DirectionChanged, PeerRefused.</summary>
    public required string Event { get; init; }

    public Guid? PairingId { get; init; }

    /// <summary>The engine's or console's name, or an observed address.</summary>
    public string Subject { get; init; } = string.Empty;

    /// <summary>user@host, or the peer's observed address.</summary>
    public string Actor { get; init; } = string.Empty;

    public string Detail { get; init; } = string.Empty;
}
