namespace ScanEngineAdmin.Domain.Pairing;

/// <summary>A pairing secret as its maker's store holds it: a verifier, never the secret.</summary>
internal sealed record SecretRecord
{
    /// <summary>Of a secret that is bound to no engine and for which the admin named no number.</summary>
    public const int DefaultMaxUses = 20;

    public const int MostUses = 100_000;

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

    /// <summary>How many nodes may pair by it.</summary>
    public int MaxUses { get; init; } = DefaultMaxUses;

    public bool SingleUse => MaxUses == 1;

    /// <summary>How many nodes have paired by the secret; two keys are two nodes.</summary>
    public int Uses { get; init; }

    /// <summary>How often it was shown by others when it was used up: somebody has it who was not meant to.</summary>
    public int Refused { get; init; }

    public DateTimeOffset? Revoked { get; init; }
}
