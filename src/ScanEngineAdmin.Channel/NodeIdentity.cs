using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ScanEngineAdmin.Channel;

/// <summary>A node's own key and self-signed certificate (ECDSA P-256).</summary>
public sealed class NodeIdentity : IDisposable
{
    // Validity only warns, on both ends: a node with a dead clock battery must still be reachable.
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(3650);

    private const int UncompressedPoint = 65;

    // The DER form of OID 1.2.840.10045.3.1.7.
    private static readonly byte[] P256Parameters = [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];

    private readonly Lazy<SslStreamCertificateContext> _tlsContext;

    private NodeIdentity(X509Certificate2 certificate)
    {
        Certificate = certificate;
        Fingerprint = Fingerprint.Of(certificate);
        _tlsContext = new Lazy<SslStreamCertificateContext>(
            () => SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true));
    }

    public X509Certificate2 Certificate { get; }

    public Fingerprint Fingerprint { get; }

    /// <summary>One for all connections: the TLS stack keeps its context and its sessions with it.</summary>
    internal SslStreamCertificateContext TlsContext => _tlsContext.Value;

    /// <summary>Makes a new key and certificate; <paramref name="nodeId"/> becomes the subject's common name.</summary>
    public static NodeIdentity Create(Guid nodeId, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={nodeId:D}, O=ScanEngineAdmin", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(
            [new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        DateTimeOffset now = time.GetUtcNow();
        using X509Certificate2 made = request.CreateSelfSigned(now.AddDays(-1), now + Lifetime);
        return FromPem(made.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    /// <exception cref="CryptographicException">The text holds no certificate with its P-256 private key.</exception>
    public static NodeIdentity FromPem(string certificatePem, string privateKeyPem)
    {
        using X509Certificate2 fromPem = ReadPem(certificatePem, privateKeyPem);
        // Windows' TLS stack cannot use the ephemeral key that CreateFromPem leaves; a PFX round trip gives it one it
        // can.
        X509Certificate2 usable = OperatingSystem.IsWindows()
            ? ImportPfx(fromPem.Export(X509ContentType.Pfx))
            : new X509Certificate2(fromPem);
        if (!IsP256(usable))
        {
            usable.Dispose();
            throw new CryptographicException("The key is not an ECDSA P-256 key.");
        }

        return new NodeIdentity(usable);
    }

    /// <summary>
    /// Certificate and PKCS#8 key as PEM. The key is the node's identity: whoever holds it is the node.
    /// </summary>
    public (string CertificatePem, string PrivateKeyPem) ToPem()
    {
        using ECDsa key = Certificate.GetECDsaPrivateKey()
            ?? throw new CryptographicException("The certificate has no private key.");
        return (Certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    public void Dispose() => Certificate.Dispose();

    /// <summary>Read from the certificate's bytes: platforms name the curve differently, its encoding is one.</summary>
    internal static bool IsP256(X509Certificate2 certificate)
    {
        PublicKey key = certificate.PublicKey;
        return key.Oid.Value == "1.2.840.10045.2.1"
            && key.EncodedParameters is { } curve
            && curve.RawData.AsSpan().SequenceEqual(P256Parameters)
            && key.EncodedKeyValue.RawData is [4, ..] point && point.Length == UncompressedPoint;
    }

    private static X509Certificate2 ReadPem(string certificatePem, string privateKeyPem)
    {
        try
        {
            return X509Certificate2.CreateFromPem(certificatePem, privateKeyPem);
        }
        catch (ArgumentException e)
        {
            throw new CryptographicException("The private key does not belong to the certificate.", e);
        }
    }

    // An account without a loaded profile (a scheduled task, a virtual account) has no key store of its own; the
    // machine's is the other one there is.
    private static X509Certificate2 ImportPfx(byte[] pfx)
    {
        try
        {
            return new(pfx, (string?)null, X509KeyStorageFlags.Exportable);
        }
        catch (CryptographicException)
        {
            try
            {
                return new(
                    pfx, (string?)null, X509KeyStorageFlags.Exportable | X509KeyStorageFlags.MachineKeySet);
            }
            catch (CryptographicException e)
            {
                throw new KeyStoreException(e.Message, e);
            }
        }
    }
}
