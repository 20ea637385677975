using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ScanEngineAdmin.Channel;

/// <summary>
/// A node's identity: the SHA-256 of its certificate's public key (SubjectPublicKeyInfo), written as 64 lower-case hex
/// digits in 8 groups of 8. A renewed certificate over the same key keeps it.
/// </summary>
public readonly struct Fingerprint : IEquatable<Fingerprint>
{
    private const int Bytes = 32;
    private readonly string? _hex;

    private Fingerprint(string hex) => _hex = hex;

    /// <summary>64 lower-case hex digits without separators; empty for the default value.</summary>
    public string Hex => _hex ?? string.Empty;

    public bool IsEmpty => _hex is null;

    public static Fingerprint Of(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return OfPublicKey(certificate.PublicKey.ExportSubjectPublicKeyInfo());
    }

    /// <summary>Of a public key's SubjectPublicKeyInfo in DER.</summary>
    public static Fingerprint OfPublicKey(ReadOnlySpan<byte> publicKey) =>
        new(Convert.ToHexString(SHA256.HashData(publicKey)).ToLowerInvariant());

    /// <summary>Reads 64 hex digits; blanks, colons and hyphens between them and any case are accepted.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Fingerprint fingerprint)
    {
        fingerprint = default;
        if (text is null || text.Length > 4 * Bytes)
        {
            return false;
        }

        Span<char> hex = stackalloc char[2 * Bytes];
        int length = 0;
        foreach (char c in text)
        {
            if (c is ' ' or ':' or '-')
            {
                continue;
            }

            if (!char.IsAsciiHexDigit(c) || length == hex.Length)
            {
                return false;
            }

            hex[length++] = char.ToLowerInvariant(c);
        }

        if (length != hex.Length)
        {
            return false;
        }

        fingerprint = new Fingerprint(new string(hex));
        return true;
    }

    /// <exception cref="FormatException">The text is not a fingerprint.</exception>
    public static Fingerprint Parse(string text) => TryParse(text, out Fingerprint fingerprint)
        ? fingerprint
        : throw new FormatException("A fingerprint is 64 hex digits (SHA-256 of the public key).");

    public bool Equals(Fingerprint other) => string.Equals(Hex, other.Hex, StringComparison.Ordinal);

    public override bool Equals(object? obj) => obj is Fingerprint other && Equals(other);

    public override int GetHashCode() => Hex.GetHashCode(StringComparison.Ordinal);

    public override string ToString()
    {
        string hex = Hex;
        return string.Join(':', hex.Chunk(8).Select(group => new string(group)));
    }

    public static bool operator ==(Fingerprint left, Fingerprint right) => left.Equals(right);

    public static bool operator !=(Fingerprint left, Fingerprint right) => !left.Equals(right);
}
