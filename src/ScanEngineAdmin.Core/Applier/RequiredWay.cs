using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Core.Applier;

/// <summary>One way that a pairing requires.</summary>
/// <param name="Direction">Who dials.</param>
/// <param name="Port">Where the other node listens.</param>
/// <param name="ObservedAddress">The address that the peer was seen at, if that may be used.</param>
/// <param name="Address">The peer's address or name.</param>
/// <param name="AllowFrom">From where the peer may dial, if its admin said so (AllowedSources).</param>
internal sealed record RequiredWay(
    CommunicationDirection Direction, int Port, string? ObservedAddress, string? Address, string? AllowFrom = null);
