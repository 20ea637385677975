using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ScanEngineAdmin.Channel.Tests.Handshake;

public sealed class NodeIdentityTests
{
    [Fact]
    public void An_identity_survives_its_PEM()
    {
        using NodeIdentity made = NodeIdentity.Create(Guid.NewGuid(), TimeProvider.System);
        (string certificate, string key) = made.ToPem();

        using NodeIdentity read = NodeIdentity.FromPem(certificate, key);

        Assert.Equal(made.Fingerprint, read.Fingerprint);
        Assert.True(read.Certificate.HasPrivateKey);
    }

    [Fact]
    public void The_fingerprint_is_the_SHA_256_of_the_public_key_and_reads_back()
    {
        using NodeIdentity made = NodeIdentity.Create(Guid.NewGuid(), TimeProvider.System);
        using ECDsa key = made.Certificate.GetECDsaPublicKey()!;

        byte[] expected = SHA256.HashData(key.ExportSubjectPublicKeyInfo());

        Assert.Equal(Convert.ToHexStringLower(expected), made.Fingerprint.Hex);
        Assert.Equal(made.Fingerprint, Fingerprint.Parse(made.Fingerprint.ToString().ToUpperInvariant()));
        Assert.Equal(71, made.Fingerprint.ToString().Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00112233")]
    [InlineData("zz112233:00112233:00112233:00112233:00112233:00112233:00112233:00112233")]
    [InlineData("00112233:00112233:00112233:00112233:00112233:00112233:00112233:00112233:00")]
    public void What_is_no_fingerprint_is_not_read(string text) => Assert.False(Fingerprint.TryParse(text, out _));

    [Fact]
    public void Only_P_256_is_an_identity()
    {
        using ECDsa p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using X509Certificate2 other = new CertificateRequest("CN=x", p384, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using X509Certificate2 rsa = Node.Rsa();

        Assert.False(NodeIdentity.IsP256(other));
        Assert.False(NodeIdentity.IsP256(rsa));
        Assert.Throws<CryptographicException>(() => NodeIdentity.FromPem(
            other.ExportCertificatePem(), p384.ExportPkcs8PrivateKeyPem()));
    }

    [Fact]
    public void A_certificate_with_another_nodes_key_is_no_identity()
    {
        using NodeIdentity one = NodeIdentity.Create(Guid.NewGuid(), TimeProvider.System);
        using NodeIdentity two = NodeIdentity.Create(Guid.NewGuid(), TimeProvider.System);

        Assert.ThrowsAny<CryptographicException>(
            () => NodeIdentity.FromPem(one.ToPem().CertificatePem, two.ToPem().PrivateKeyPem));
    }
}
