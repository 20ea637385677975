using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ScanEngineAdmin;

/// <summary>
/// Test only: the form of an elliptic curve's key without its secrecy, as whoever has the public key can sign. Wine's
/// key store has no elliptic curves. A point is "on the curve" when its second half is the hash of its first.
/// </summary>
[SuppressMessage("Design", "CA1063:Implement IDisposable Correctly", Justification = "There is nothing to free.")]
public sealed class ECDsa : IDisposable
{
    private static readonly Oid Algorithm = new("1.2.840.10045.2.1");
    private static readonly byte[] P256 = [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];
    private static readonly byte[] P384 = [0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22];

    private byte[]? _secret;

    private ECDsa(byte[]? secret, PublicKey? shown)
    {
        _secret = secret;
        PublicKey = shown;
    }

    internal PublicKey? PublicKey { get; private set; }

    public static ECDsa Create() => new(null, null);

    public static ECDsa Create(ECCurve curve)
    {
        int half = curve.Oid.FriendlyName == ECCurve.NamedCurves.nistP256.Oid.FriendlyName ? 32 : 48;
        return FromSecret(RandomNumberGenerator.GetBytes(half));
    }

    public void ImportSubjectPublicKeyInfo(ReadOnlySpan<byte> source, out int bytesRead)
    {
        PublicKey read = PublicKey.CreateFromSubjectPublicKeyInfo(source, out bytesRead);
        byte[] point = read.EncodedKeyValue.RawData;
        int half = (point.Length - 1) / 2;
        if (!Second(point.AsSpan(1, half)).AsSpan().SequenceEqual(point.AsSpan(1 + half)))
        {
            throw new CryptographicException("The point is not on the curve.");
        }

        PublicKey = read;
    }

    public byte[] ExportSubjectPublicKeyInfo() => PublicKey!.ExportSubjectPublicKeyInfo();

    public string ExportPkcs8PrivateKeyPem() => PemEncoding.WriteString("PRIVATE KEY", Secret());

    public byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm)
    {
        _ = (Secret(), hashAlgorithm);
        return HMACSHA256.HashData(ExportSubjectPublicKeyInfo(), data);
    }

    public bool VerifyData(byte[] data, byte[] signature, HashAlgorithmName hashAlgorithm)
    {
        _ = hashAlgorithm;
        return HMACSHA256.HashData(ExportSubjectPublicKeyInfo(), data).AsSpan().SequenceEqual(signature);
    }

    public void Dispose()
    {
    }

    internal static ECDsa FromSecret(byte[] secret)
    {
        byte[] first = Expand([.. secret, 1], secret.Length);
        byte[] point = [4, .. first, .. Second(first)];
        byte[] curve = secret.Length == 32 ? P256 : P384;
        return new ECDsa(secret, new PublicKey(
            Algorithm, new AsnEncodedData(Algorithm, curve), new AsnEncodedData(Algorithm, point)));
    }

    internal static ECDsa FromPublic(PublicKey shown) => new(null, shown);

    internal byte[] Secret() => _secret ?? throw new CryptographicException("The key is not private.");

    private static byte[] Second(ReadOnlySpan<byte> first) => Expand(first, first.Length);

    private static byte[] Expand(ReadOnlySpan<byte> seed, int length) =>
        [.. SHA512.HashData(seed).AsSpan(0, length)];
}
