using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Topology;

/// <summary>A change of direction that is not over.</summary>
/// <param name="To">The direction that is wanted, or was decided on.</param>
/// <param name="State">How it stands.</param>
/// <param name="Requested">When it was asked for.</param>
internal sealed record TopologyChange(CommunicationDirection To, CommunicationState State, DateTimeOffset Requested);
