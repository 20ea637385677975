using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Pairing;

namespace ScanEngineAdmin.Core.Certificates;

/// <summary>
/// The proof that a node holds the key it announces: a signature by that key over who announces it, to whom, in which
/// pairing, after which key, and a number that its receiver has only now drawn. So nothing recorded is worth anything
/// again, and nothing said to one node is worth anything at another.
/// </summary>
internal sealed record CertificateProof
{
    internal const int NonceLength = 32;

    public required NodeRole Role { get; init; }

    public required Guid NodeId { get; init; }

    public required Guid PairingId { get; init; }

    /// <summary>The key that the channel proves.</summary>
    public required Fingerprint Present { get; init; }

    /// <summary>The key of whom it is told to, as the teller sees it.</summary>
    public required Fingerprint Receiver { get; init; }

    public required byte[] Nonce { get; init; }

    public byte[] Sign(NodeIdentity announced)
    {
        using ECDsa key = announced.Certificate.GetECDsaPrivateKey()
            ?? throw new CryptographicException("The certificate has no private key.");
        return key.SignData(Bytes(announced.Fingerprint), HashAlgorithmName.SHA256);
    }

    /// <summary>The announced key's fingerprint; null when it is no P-256 key, or did not sign this.</summary>
    public Fingerprint? Verify(byte[] publicKey, byte[] signature)
    {
        using ECDsa? key = PeerKey.TryRead(publicKey);
        var announced = Fingerprint.OfPublicKey(publicKey);
        return key is not null && PeerKey.Verify(key, Bytes(announced), signature) ? announced : null;
    }

    private byte[] Bytes(Fingerprint announced)
    {
        var bytes = new LabelledText("scanengine certificate 1");
        bytes.Put("role", Role.ToString());
        bytes.Put("node", NodeId.ToString("D"));
        bytes.Put("pairing", PairingId.ToString("D"));
        bytes.Put("present fingerprint", Present.Hex);
        bytes.Put("announced fingerprint", announced.Hex);
        bytes.Put("receiver fingerprint", Receiver.Hex);
        bytes.Put("receiver nonce", Convert.ToHexString(Nonce));
        return bytes.ToArray();
    }
}
