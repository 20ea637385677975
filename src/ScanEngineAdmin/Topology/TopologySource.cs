using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;

namespace ScanEngineAdmin.Topology;

/// <summary>What a topology is made of: the rows of a console's store.</summary>
internal sealed record TopologySource
{
    public required DateTimeOffset Now { get; init; }

    public required TopologyConsole Console { get; init; }

    public required IReadOnlyList<EngineRecord> Engines { get; init; }

    /// <summary>The pools to show, each with the pairings that are in it.</summary>
    public IReadOnlyList<(string Name, IReadOnlyCollection<Guid> Members)> Pools { get; init; } = [];

    /// <summary>The changes that are not over.</summary>
    public IReadOnlyList<ChangeRecord> Changes { get; init; } = [];

    /// <summary>The changes that wait for a contact.</summary>
    public IReadOnlyList<PendingDirectionChange> Pending { get; init; } = [];

    /// <summary>What was found at the filter of the console's host; null where nobody asked.</summary>
    public TopologyFilter? Filter { get; init; }
}
