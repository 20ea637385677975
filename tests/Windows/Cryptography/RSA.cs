using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ScanEngineAdmin;

/// <summary>Test only: a number in the form of an RSA key, to be shown in a certificate and for nothing else.</summary>
[SuppressMessage("Design", "CA1063:Implement IDisposable Correctly", Justification = "There is nothing to free.")]
public sealed class RSA : IDisposable
{
    private static readonly Oid Algorithm = new("1.2.840.113549.1.1.1");

    private RSA(int bits)
    {
        var key = new AsnWriter(AsnEncodingRules.DER);
        using (key.PushSequence())
        {
            key.WriteInteger(new BigInteger(RandomNumberGenerator.GetBytes(bits / 8), isUnsigned: true));
            key.WriteInteger(65537);
        }

        PublicKey = new PublicKey(
            Algorithm, new AsnEncodedData(Algorithm, [5, 0]), new AsnEncodedData(Algorithm, key.Encode()));
    }

    internal PublicKey PublicKey { get; }

    public static RSA Create(int keySizeInBits) => new(keySizeInBits);

    public void Dispose()
    {
    }
}
