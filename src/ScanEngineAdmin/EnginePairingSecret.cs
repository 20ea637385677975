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
        Uses = record.Uses;
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

    public int Uses { get; }

    /// <summary>Which node made it: the console or the engine of the data folder.</summary>
    public NodeRole Role { get; }

    public string DataPath { get; }

    // The secret is not shown by string interpolation.
    public override string ToString() => SecretId.ToString();
}
