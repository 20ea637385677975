using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Firewall.Planning;

/// <summary>Everything <see cref="FirewallPlanner"/> looks at: it asks nobody else.</summary>
internal sealed record FirewallPlanRequest
{
    /// <summary>Empty for a dry run or when nothing had to change.</summary>
    public Guid ChangeId { get; init; }

    public required Guid PairingId { get; init; }

    public required string EngineName { get; init; }

    public required CommunicationDirection From { get; init; }

    public required CommunicationDirection To { get; init; }

    public required long Epoch { get; init; }

    /// <summary>Whether the direction stays and the side that is dialled is dialled elsewhere from now on.</summary>
    public bool Moved { get; init; }

    /// <summary>Where it was dialled until now, if that was another port that it does not need any more.</summary>
    public int? LeftPort { get; init; }

    public bool DryRun { get; init; }

    public ChangeState State { get; init; } = ChangeState.Requested;

    public required FirewallHost Console { get; init; }

    public required FirewallHost Engine { get; init; }

    /// <summary>The console's other engines: what they need at the console stays.</summary>
    public IReadOnlyList<FirewallNeighbour> OtherEngines { get; init; } = [];

    /// <summary>The engine's other consoles, as far as known: what they need at the engine stays.</summary>
    public IReadOnlyList<FirewallNeighbour> OtherConsoles { get; init; } = [];
}
