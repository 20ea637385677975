namespace ScanEngineAdmin.Domain.Pairing;

/// <summary>Outcome of trying to use a secret; decided in one transaction so that a single use is single.</summary>
public enum SecretUse
{
    Accepted,
    NotFound,
    Expired,
    Revoked,
    UsedByAnother,
    BoundToAnother,
}
