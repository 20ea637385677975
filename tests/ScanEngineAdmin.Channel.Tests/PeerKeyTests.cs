using System.Security.Cryptography;

namespace ScanEngineAdmin.Channel.Tests;

/// <summary>Public keys as peers may send them: read, or no key; never an exception of the platform.</summary>
public sealed class PeerKeyTests
{
    private static readonly byte[] Sound = Key();

    [Fact]
    public void A_P256_key_is_read_and_verifies_what_it_signed()
    {
        using ECDsa own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] said = [1, 2, 3];
        byte[] signature = own.SignData(said, HashAlgorithmName.SHA256);
        using ECDsa? read = PeerKey.TryRead(own.ExportSubjectPublicKeyInfo());

        Assert.NotNull(read);
        Assert.True(PeerKey.Verify(read, said, signature));
        Assert.False(PeerKey.Verify(read, [1, 2, 4], signature));
        Assert.False(PeerKey.Verify(read, said, []));
        Assert.False(PeerKey.Verify(read, said, new byte[5000]));
    }

    // The last byte of the curve's name: P-192 and its kind, and names that nobody has given.
    [Fact]
    public void A_key_on_another_curve_is_no_key()
    {
        for (int tail = 0; tail < 256; tail++)
        {
            byte[] key = [.. Sound];
            key[22] = (byte)tail;
            using ECDsa? read = PeerKey.TryRead(key);
            Assert.Equal(tail == 7, read is not null);
        }
    }

    [Fact]
    public void No_byte_of_a_key_makes_the_platform_throw_here()
    {
        for (int at = 0; at < Sound.Length; at++)
        {
            foreach (byte value in new byte[] { 0, 1, 0x7F, 0x80, 0xFF })
            {
                byte[] key = [.. Sound];
                key[at] = value;
                using ECDsa? read = PeerKey.TryRead(key);
            }
        }

        Assert.Null(PeerKey.TryRead([]));
        Assert.Null(PeerKey.TryRead([.. Sound, 0]));
        Assert.Null(PeerKey.TryRead([.. Sound.AsSpan(0, 27), .. new byte[64]]));
    }

    private static byte[] Key()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportSubjectPublicKeyInfo();
    }
}
