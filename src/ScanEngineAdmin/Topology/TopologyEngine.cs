using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;

namespace ScanEngineAdmin.Topology;

/// <summary>One engine of a topology.</summary>
internal sealed record TopologyEngine
{
    /// <summary>Its place among the engines: what the parts of a drawing are named by.</summary>
    public required int Index { get; init; }

    public required string Name { get; init; }

    public required string? Address { get; init; }

    /// <summary>Where it is dialled, or where it dials the console; null where that is not known.</summary>
    public required int? Port { get; init; }

    public required CommunicationDirection Direction { get; init; }

    public required bool IsPaired { get; init; }

    public required CommunicationStatus Status { get; init; }

    public required string StatusDetail { get; init; }

    public required DateTimeOffset? LastContact { get; init; }

    public required string? Version { get; init; }

    /// <summary>The change of direction that is not over; null if there is none.</summary>
    public required TopologyChange? Change { get; init; }

    /// <summary>The names of its pools.</summary>
    public required IReadOnlyList<string> Pools { get; init; }
}
