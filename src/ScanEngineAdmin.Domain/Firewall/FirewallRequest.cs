using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Domain.Firewall;

/// <summary>
/// What a node asks of its host's firewall applier, with the answer in the same row. It names a pairing and a change:
/// no rule, no port, no address and no command, for whoever takes over the node can write it.
/// </summary>
internal sealed record FirewallRequest
{
    /// <summary>The change of direction; one row each. A look has its pairing's id here, so one row for each
    /// pairing.</summary>
    public required Guid ChangeId { get; init; }

    public required Guid PairingId { get; init; }

    public required FirewallAction Action { get; init; }

    /// <summary>
    /// How long an Open of an undecided change stands unless something more is asked. The applier bounds it.
    /// </summary>
    public required TimeSpan Lifetime { get; init; }

    /// <summary>Counts what was asked for this change: an answer is to one number only.</summary>
    public int Number { get; init; }

    public required DateTimeOffset Asked { get; init; }

    public FirewallRequestState State { get; init; }

    public DateTimeOffset? Answered { get; init; }

    public FaultCode? Fault { get; init; }

    public string Detail { get; init; } = string.Empty;

    public string Recommendation { get; init; } = string.Empty;

    /// <summary>When the host's filter undoes an Open by itself; null when it stays.</summary>
    public DateTimeOffset? RollbackAt { get; init; }

    /// <summary>The rules as the last answer left them.</summary>
    public IReadOnlyList<FirewallRequestRule> Rules { get; init; } = [];

    /// <summary>Whether it was answered, and all of it is done.</summary>
    public bool IsDone => State == FirewallRequestState.Done;
}
