using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Firewall.Rules;

/// <summary>
/// What both hosts' firewalls need for one change of direction, whether it was made or only asked about.
/// </summary>
public sealed record FirewallPlan
{
    /// <summary>The change it belongs to; empty for a dry run or when nothing had to change.</summary>
    public required Guid ChangeId { get; init; }

    /// <summary>The pairing whose direction it is about; empty for a plan of an earlier version.</summary>
    public Guid PairingId { get; init; }

    /// <summary>The data folder of the console that made it, on the console's host.</summary>
    public string? DataPath { get; init; }

    public required string EngineName { get; init; }

    public required CommunicationDirection From { get; init; }

    public required CommunicationDirection To { get; init; }

    public required long Epoch { get; init; }

    public required bool DryRun { get; init; }

    /// <summary>Requested for a dry run; where the change stands else.</summary>
    public required ChangeState State { get; init; }

    /// <summary>
    /// Whether a change was made: false for a dry run, where all was as wanted already, and for a change
    /// that waits for its engine.
    /// </summary>
    public bool Changed => !DryRun && ChangeId != Guid.Empty && State == ChangeState.Committed;

    public required IReadOnlyList<FirewallRule> Rules { get; init; }

    /// <summary>
    /// The hosts that dial and of which it is not known whether they deny connections out by default: if one does, it
    /// needs a rule that is not in here.
    /// </summary>
    public IReadOnlyList<NodeRole> OutboundUnknown { get; init; } = [];

    public override string ToString() => $"{EngineName}: {From} -> {To}, {State}";
}
