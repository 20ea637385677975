using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ScanEngineAdmin;

/// <summary>Test only: a key of a passphrase, without the work that makes guessing slow. Wine has no PBKDF2.</summary>
public static class Rfc2898DeriveBytes
{
    public static byte[] Pbkdf2(
        ReadOnlySpan<byte> password, byte[] salt, int iterations, HashAlgorithmName hashAlgorithm, int outputLength)
    {
        _ = hashAlgorithm;
        byte[] count = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(count, iterations);
        return HMACSHA256.HashData(password, [.. salt, .. count])[..outputLength];
    }
}
