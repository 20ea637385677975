using System.Security.Cryptography;

namespace ScanEngineAdmin.Channel;

/// <summary>
/// A public key as a peer sent it: the one place where a peer's bytes meet the platform's elliptic curves. What is not
/// the one form that a node's key has is no key, and never reaches the platform, whose exceptions for it differ.
/// </summary>
public static class PeerKey
{
    // SubjectPublicKeyInfo of an uncompressed point on P-256, up to the point itself.
    private static readonly byte[] P256Prefix = Convert.FromHexString(
        "3059301306072A8648CE3D020106082A8648CE3D03010703420004");

    private const int Length = 91;

    /// <summary>Null when these are not the bytes of a P-256 key in the form that has one fingerprint.</summary>
    public static ECDsa? TryRead(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        if (subjectPublicKeyInfo.Length != Length || !subjectPublicKeyInfo.StartsWith(P256Prefix))
        {
            return null;
        }

        ECDsa? key = null;
        try
        {
            key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out _);
            return key;
        }
        catch (Exception e) when (IsPlatforms(e))
        {
            // A point that is not on the curve.
            key?.Dispose();
            return null;
        }
    }

    public static bool Verify(ECDsa key, byte[] content, byte[] signature)
    {
        ArgumentNullException.ThrowIfNull(key);
        try
        {
            return key.VerifyData(content, signature, HashAlgorithmName.SHA256);
        }
        catch (Exception e) when (IsPlatforms(e))
        {
            return false;
        }
    }

    private static bool IsPlatforms(Exception e) =>
        e is CryptographicException or PlatformNotSupportedException or ArgumentException;
}
