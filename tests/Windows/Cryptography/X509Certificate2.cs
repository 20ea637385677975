using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Platform = System.Security.Cryptography.X509Certificates;

namespace ScanEngineAdmin;

/// <summary>Test only: a certificate of the platform with a test's key beside it.</summary>
public class X509Certificate2 : Platform.X509Certificate2
{
    private readonly byte[]? _secret;

    public X509Certificate2(X509Certificate certificate)
        : this(certificate.GetRawCertData(), (certificate as X509Certificate2)?._secret)
    {
    }

    public X509Certificate2(byte[] rawData, string? password, X509KeyStorageFlags keyStorageFlags)
        : this(Certificate(rawData), Key(rawData)) => _ = (password, keyStorageFlags);

    internal X509Certificate2(byte[] der, byte[]? secret)
        : base(der) => _secret = secret;

    public new bool HasPrivateKey => _secret is not null;

    public static new X509Certificate2 CreateFromPem(ReadOnlySpan<char> certPem)
    {
        using Platform.X509Certificate2 read = Platform.X509Certificate2.CreateFromPem(certPem);
        return new X509Certificate2(read.RawData, null);
    }

    public static new X509Certificate2 CreateFromPem(ReadOnlySpan<char> certPem, ReadOnlySpan<char> keyPem)
    {
        using X509Certificate2 shown = CreateFromPem(certPem);
        if (!PemEncoding.TryFind(keyPem, out PemFields fields) || !keyPem[fields.Label].SequenceEqual("PRIVATE KEY"))
        {
            throw new CryptographicException("The text holds no key.");
        }

        byte[] secret = Convert.FromBase64String(keyPem[fields.Base64Data].ToString());
        if (secret.Length is not (32 or 48))
        {
            throw new CryptographicException("The key is damaged.");
        }

        using var key = ECDsa.FromSecret(secret);
        return shown.CopyWithPrivateKey(key);
    }

    public ECDsa? GetECDsaPrivateKey() => _secret is { Length: > 0 } secret ? ECDsa.FromSecret(secret) : null;

    public ECDsa? GetECDsaPublicKey() => ECDsa.FromPublic(PublicKey);

    public X509Certificate2 CopyWithPrivateKey(ECDsa privateKey) =>
        PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(privateKey.ExportSubjectPublicKeyInfo())
            ? new X509Certificate2(RawData, privateKey.Secret())
            : throw new ArgumentException("The key is not the certificate's.", nameof(privateKey));

    public override byte[] Export(X509ContentType contentType)
    {
        byte[] length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, RawData.Length);
        return [.. length, .. RawData, .. _secret ?? []];
    }

    private static byte[] Certificate(byte[] exported) =>
        exported.AsSpan(sizeof(int), BinaryPrimitives.ReadInt32BigEndian(exported)).ToArray();

    private static byte[] Key(byte[] exported) =>
        exported.AsSpan(sizeof(int) + BinaryPrimitives.ReadInt32BigEndian(exported)).ToArray();
}
