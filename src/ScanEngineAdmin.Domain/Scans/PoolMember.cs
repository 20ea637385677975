namespace ScanEngineAdmin.Domain.Scans;

/// <summary>An engine of a pool, as far as the sharing of a scan goes.</summary>
/// <param name="PairingId">Its pairing.</param>
/// <param name="Name">Its present name.</param>
/// <param name="IsPaired">Whether it can be given anything at all.</param>
/// <param name="IsActive">Whether it is in contact.</param>
/// <param name="LastContact">When it last was.</param>
internal sealed record PoolMember(
    Guid PairingId, string Name, bool IsPaired, bool IsActive, DateTimeOffset? LastContact);
