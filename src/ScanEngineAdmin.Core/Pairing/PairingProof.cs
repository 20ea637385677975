using System.Security.Cryptography;
using System.Text;

namespace ScanEngineAdmin.Core.Pairing;

/// <summary>
/// The two proofs of a pairing, without IO. As in SCRAM, the maker keeps a verifier only: what is read from its store
/// cannot be used to pair with it.
/// </summary>
internal static class PairingProof
{
    internal const int NonceLength = 32;
    internal const int Length = SHA256.HashSizeInBytes;

    /// <summary>The user knows the secret, and saw this transcript.</summary>
    internal static byte[] OfUser(PairingSecret secret, PairingTranscript transcript)
    {
        byte[] proof = Sign(secret.StoredKey(), "user", transcript);
        Xor(proof, secret.ClientKey());
        return proof;
    }

    internal static bool VerifyUser(byte[] storedKey, ReadOnlySpan<byte> proof, PairingTranscript transcript)
    {
        if (proof.Length != Length)
        {
            return false;
        }

        byte[] clientKey = Sign(storedKey, "user", transcript);
        Xor(clientKey, proof);
        return CryptographicOperations.FixedTimeEquals(SHA256.HashData(clientKey), storedKey);
    }

    /// <summary>The maker has the verifier, and saw this transcript.</summary>
    internal static byte[] OfMaker(byte[] serverKey, PairingTranscript transcript) =>
        Sign(serverKey, "maker", transcript);

    internal static bool VerifyMaker(PairingSecret secret, ReadOnlySpan<byte> proof, PairingTranscript transcript) =>
        CryptographicOperations.FixedTimeEquals(OfMaker(secret.ServerKey(), transcript), proof);

    private static byte[] Sign(byte[] key, string side, PairingTranscript transcript)
    {
        byte[] signed = [.. Encoding.ASCII.GetBytes(side), 0, .. transcript.ToBytes()];
        return HMACSHA256.HashData(key, signed);
    }

    private static void Xor(byte[] into, ReadOnlySpan<byte> other)
    {
        for (int i = 0; i < into.Length; i++)
        {
            into[i] ^= other[i];
        }
    }
}
