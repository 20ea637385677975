using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Pairing;

namespace ScanEngineAdmin.Core.Pairing;

/// <summary>
/// 128 random bits with the maker's fingerprint, as one copyable text:
/// <c>2942-F7FB-…(8 groups of 4 hex)@64 hex of the fingerprint</c>. The bits never cross the wire.
/// </summary>
internal sealed class PairingSecret
{
    private const int SecretBytes = 16;
    private const int MaxText = 512;
    private readonly byte[] _secret;

    private PairingSecret(byte[] secret, Fingerprint maker)
    {
        _secret = secret;
        Maker = maker;
        SecretId = new Guid(Derive("scanengine secret id", 16), bigEndian: true);
    }

    public Guid SecretId { get; }

    public Fingerprint Maker { get; }

    public static PairingSecret Create(Fingerprint maker)
    {
        if (maker.IsEmpty)
        {
            throw new ArgumentException("A secret without its maker's fingerprint pins nobody.", nameof(maker));
        }

        return new PairingSecret(RandomNumberGenerator.GetBytes(SecretBytes), maker);
    }

    /// <summary>
    /// Reads the copyable text; blanks, line ends and any case are accepted, as mail and chat leave them. There is no
    /// way to turn a text into a secret that a node accepts: it knows only those that it made itself.
    /// </summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out PairingSecret? secret)
    {
        secret = null;
        if (text is null || text.Length > MaxText)
        {
            return false;
        }

        string[] parts = string.Concat(text.Where(c => !char.IsWhiteSpace(c))).Split('@');
        if (parts.Length != 2 || !Fingerprint.TryParse(parts[1], out Fingerprint maker))
        {
            return false;
        }

        string[] groups = parts[0].Split('-');
        if (groups.Length != SecretBytes / 2
            || groups.Any(group => group.Length != 4 || !group.All(char.IsAsciiHexDigit)))
        {
            return false;
        }

        secret = new PairingSecret(Convert.FromHexString(string.Concat(groups)), maker);
        return true;
    }

    /// <summary>The copyable text. Not called ToString, so that no log line or debugger shows it by accident.</summary>
    public string Reveal() =>
        $"{string.Join('-', Convert.ToHexString(_secret).Chunk(4).Select(group => new string(group)))}@{Maker.Hex}";

    /// <summary>Proves the secret; never leaves the side that uses it.</summary>
    internal byte[] ClientKey() => Derive("scanengine client key", SHA256.HashSizeInBytes);

    internal byte[] ServerKey() => Derive("scanengine server key", SHA256.HashSizeInBytes);

    /// <summary>What the maker keeps: recognises a proof without being able to make one.</summary>
    internal byte[] StoredKey() => SHA256.HashData(ClientKey());

    internal SecretRecord ToRecord(DateTimeOffset now, TimeSpan expiresIn, string? engineName, int maxUses) => new()
    {
        SecretId = SecretId,
        StoredKey = StoredKey(),
        ServerKey = ServerKey(),
        Created = now,
        ExpiresAt = now + expiresIn,
        EngineName = engineName,
        MaxUses = maxUses,
    };

    // No stretching as for a password: nobody guesses 128 random bits, and stretching would only slow the honest.
    private byte[] Derive(string label, int length) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _secret, length, info: System.Text.Encoding.ASCII.GetBytes(label));
}
