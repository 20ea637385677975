using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Pairing;

namespace ScanEngineAdmin;

/// <summary>A pairing secret. Only New-EnginePairingSecret's object holds the secret itself: no store does.</summary>
public sealed class EnginePairingSecret
{
    internal EnginePairingSecret(SecretRecord record, PairingSecret? secret, NodeRole role, string dataPath)
    {
        SecretId = record.SecretId;
        Secret = secret?.Reveal();
        ExpiresAt = record.ExpiresAt.LocalDateTime;
        EngineName = record.EngineName;
        SingleUse = record.SingleUse;
        MaxUses = record.MaxUses;
        Uses = record.Uses;
        RefusedUses = record.Refused;
        Role = role;
        DataPath = dataPath;
    }

    public Guid SecretId { get; }

    /// <summary>The text to copy to the other side, with the maker's fingerprint in it.</summary>
    public string? Secret { get; }

    public DateTime ExpiresAt { get; }

    /// <summary>The engine it is bound to; none means any.</summary>
    public string? EngineName { get; }

    public bool SingleUse { get; }

    /// <summary>How many nodes may pair by it.</summary>
    public int MaxUses { get; }

    /// <summary>How many have.</summary>
    public int Uses { get; }

    /// <summary>How often others showed it when it was used up: more have it than were meant to.</summary>
    public int RefusedUses { get; }

    /// <summary>Which node made it: the console or the engine of the data folder.</summary>
    public NodeRole Role { get; }

    public string DataPath { get; }

    // The secret is not shown by string interpolation.
    public override string ToString() => SecretId.ToString();
}
