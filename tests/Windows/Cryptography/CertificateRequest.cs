using System.Collections.ObjectModel;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Platform = System.Security.Cryptography.X509Certificates;

namespace ScanEngineAdmin;

/// <summary>Test only: certificates of the platform's form over keys that the platform does not know.</summary>
public sealed class CertificateRequest
{
    private readonly Platform.CertificateRequest _request;
    private readonly byte[] _secret;

    public CertificateRequest(string subjectName, ECDsa key, HashAlgorithmName hashAlgorithm)
        : this(subjectName, key.PublicKey!, key.Secret(), hashAlgorithm)
    {
    }

    public CertificateRequest(
        string subjectName, RSA key, HashAlgorithmName hashAlgorithm, RSASignaturePadding padding)
        : this(subjectName, key.PublicKey, [], hashAlgorithm) => _ = padding;

    private CertificateRequest(string subjectName, PublicKey key, byte[] secret, HashAlgorithmName hashAlgorithm)
    {
        _request = new Platform.CertificateRequest(new X500DistinguishedName(subjectName), key, hashAlgorithm);
        _secret = secret;
    }

    public Collection<X509Extension> CertificateExtensions => _request.CertificateExtensions;

    public X509Certificate2 CreateSelfSigned(DateTimeOffset notBefore, DateTimeOffset notAfter) => new(
        Signed(_request.SubjectName, _request.PublicKey, notBefore, notAfter, RandomNumberGenerator.GetBytes(8)),
        _secret);

    public X509Certificate2 Create(
        X509Certificate2 issuerCertificate, DateTimeOffset notBefore, DateTimeOffset notAfter, byte[] serialNumber) =>
        new(
            Signed(issuerCertificate.SubjectName, issuerCertificate.PublicKey, notBefore, notAfter, serialNumber),
            null);

    private byte[] Signed(
        X500DistinguishedName issuer, PublicKey by, DateTimeOffset notBefore, DateTimeOffset notAfter, byte[] serial)
    {
        using Platform.X509Certificate2 made =
            _request.Create(issuer, new Signer(by), notBefore, notAfter, serial);
        return made.RawData;
    }

    private sealed class Signer(PublicKey by) : X509SignatureGenerator
    {
        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) =>
            [0x30, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02];

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) =>
            HMACSHA256.HashData(by.ExportSubjectPublicKeyInfo(), data);

        protected override PublicKey BuildPublicKey() => by;
    }
}
