namespace ScanEngineAdmin.Domain.Pairing;

/// <summary>Outcome of trying to use a secret; decided in one transaction so that a single use is single.</summary>
internal enum SecretUse
{
    Accepted,

    /// <summary>By the same key once more; it is counted once.</summary>
    Repeated,

    NotFound,
    Expired,
    Revoked,

    /// <summary>As many nodes as may have used it.</summary>
    UsedUp,
    BoundToAnother,

    /// <summary>This very key paired by it, and its pairing was seen on a channel: there is nothing to
    /// repeat.</summary>
    Spent,

    /// <summary>This key was thrown out here after the secret was made.</summary>
    Expelled,
}
