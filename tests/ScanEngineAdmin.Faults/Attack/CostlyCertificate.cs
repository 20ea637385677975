using System.Net.Security;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ScanEngineAdmin.Faults.Attack;

/// <summary>A certificate that costs whoever reads it more than a node's would.</summary>
internal sealed class CostlyCertificate : IDisposable
{
    private readonly List<IDisposable> _made;

    private CostlyCertificate(List<IDisposable> made, X509Certificate2 leaf, X509Certificate2Collection others)
    {
        _made = made;
        Context = SslStreamCertificateContext.Create(leaf, others, offline: true);
    }

    public SslStreamCertificateContext Context { get; }

    /// <summary>Over a curve: with P-256 it costs what a node's own does.</summary>
    public static CostlyCertificate Curve(ECCurve curve)
    {
        var key = ECDsa.Create(curve);
        var request = new CertificateRequest("CN=l", key, HashAlgorithmName.SHA256);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        X509Certificate2 leaf = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
        return new CostlyCertificate([key, leaf], leaf, []);
    }

    /// <summary>As long a chain of small ones.</summary>
    public static CostlyCertificate Chain(int length)
    {
        var made = new List<IDisposable>();
        X509Certificate2? issuer = null;
        X509Certificate2Collection others = [];
        for (int i = 0; i < length; i++)
        {
            issuer = Issue($"CN=authority {i}", issuer, null, made);
            others.Add(issuer);
        }

        return new CostlyCertificate(made, Issue("CN=leaf", issuer, null, made), others);
    }

    public static CostlyCertificate Extension(int bytes)
    {
        var made = new List<IDisposable>();
        return new CostlyCertificate(
            made, Issue("CN=leaf", null, new X509Extension("1.2.3.4.5", new byte[bytes], false), made), []);
    }

    public static CostlyCertificate Subject(int bytes)
    {
        var made = new List<IDisposable>();
        string subject = string.Join(", ", Enumerable.Range(0, bytes / 55).Select(i => $"OU={new string('u', 50)}{i}"));
        return new CostlyCertificate(made, Issue(subject, null, null, made), []);
    }

    public static CostlyCertificate Rsa(int bits)
    {
        var key = RSA.Create(bits);
        return Of(key);
    }

    /// <summary>
    /// With a public exponent as long as the modulus: what its verifier does takes as long as signing, and more.
    /// </summary>
    public static CostlyCertificate Exponent(int bits)
    {
        using var usual = RSA.Create(bits);
        RSAParameters parts = usual.ExportParameters(includePrivateParameters: true);
        BigInteger p = Number(parts.P!);
        BigInteger q = Number(parts.Q!);
        BigInteger phi = (p - 1) * (q - 1);
        BigInteger exponent;
        do
        {
            exponent = (Number(RandomNumberGenerator.GetBytes((bits / 8) - 1)) | 1) % phi;
        }
        while (BigInteger.GreatestCommonDivisor(exponent, phi) != 1);
        BigInteger secret = Inverse(exponent, phi);
        parts.Exponent = Bytes(exponent, exponent.GetByteCount(isUnsigned: true));
        parts.D = Bytes(secret, bits / 8);
        parts.DP = Bytes(secret % (p - 1), bits / 16);
        parts.DQ = Bytes(secret % (q - 1), bits / 16);
        var key = RSA.Create();
        key.ImportParameters(parts);
        return Of(key);
    }

    public void Dispose() => _made.ForEach(one => one.Dispose());

    private static CostlyCertificate Of(RSA key)
    {
        var request = new CertificateRequest("CN=l", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        X509Certificate2 leaf = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
        return new CostlyCertificate([key, leaf], leaf, []);
    }

    private static X509Certificate2 Issue(
        string subject, X509Certificate2? issuer, X509Extension? extension, List<IDisposable> made)
    {
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        if (extension is not null)
        {
            request.CertificateExtensions.Add(extension);
        }

        DateTimeOffset now = DateTimeOffset.UtcNow;
        X509Certificate2 issued = issuer is null
            ? request.CreateSelfSigned(now.AddHours(-1), now.AddDays(1))
            : request.Create(issuer, issuer.NotBefore, issuer.NotAfter, RandomNumberGenerator.GetBytes(8))
                .CopyWithPrivateKey(key);
        made.Add(key);
        made.Add(issued);
        return issued;
    }

    private static BigInteger Number(byte[] bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    private static byte[] Bytes(BigInteger number, int length)
    {
        byte[] bytes = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[Math.Max(0, length - bytes.Length)], .. bytes];
    }

    private static BigInteger Inverse(BigInteger number, BigInteger modulus)
    {
        (BigInteger a, BigInteger b, BigInteger x, BigInteger y) = (number, modulus, 1, 0);
        while (b != 0)
        {
            BigInteger whole = a / b;
            (a, b) = (b, a - (whole * b));
            (x, y) = (y, x - (whole * y));
        }

        return x < 0 ? x + modulus : x;
    }
}
