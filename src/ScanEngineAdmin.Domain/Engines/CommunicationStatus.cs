namespace ScanEngineAdmin.Domain.Engines;

/// <summary>What the console knows of its communication with an engine.</summary>
public enum CommunicationStatus
{
    /// <summary>Nothing is known yet, or what is known is too old to be said.</summary>
    Unknown,

    /// <summary>A full round trip on the channel succeeded, not longer ago than the next contact is due.</summary>
    Active,

    /// <summary>One of the two sides has still to confirm the other's identity.</summary>
    PendingAuthorization,

    /// <summary>The last contact failed or is overdue.</summary>
    NotResponding,

    /// <summary>No protocol version in common.</summary>
    Incompatible,
}
