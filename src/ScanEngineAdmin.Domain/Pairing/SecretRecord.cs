namespace ScanEngineAdmin.Domain.Pairing;

/// <summary>A pairing secret as its maker's store holds it: a verifier, never the secret.</summary>
public sealed record SecretRecord
{
    /// <summary>Derived from the secret, so that the proof can name it; tells nothing about it.</summary>
    public required Guid SecretId { get; init; }

    /// <summary>Recognises a proof without being able to make one.</summary>
    public required byte[] StoredKey { get; init; }

    /// <summary>With which the maker proves in return that it knows the secret's verifier.</summary>
    public required byte[] ServerKey { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Bound to the engine of this name; null for any.</summary>
    public string? EngineName { get; init; }

    public bool SingleUse { get; init; }

    public int Uses { get; init; }

    /// <summary>The node that used a single-use secret: that one may finish an interrupted pairing with it.</summary>
    public Guid? UsedBy { get; init; }

    public DateTimeOffset? Revoked { get; init; }
}
