namespace ScanEngineAdmin.Domain.Engines;

/// <summary>What one contact, or the lack of one, says of an engine; many are written to the store at once.</summary>
internal sealed record EngineContact(
    Guid PairingId,
    CommunicationStatus Status,
    string StatusDetail,
    DateTimeOffset? LastContact,
    DateTimeOffset? NextExpected,
    string? ObservedAddress = null,
    string? Version = null);
