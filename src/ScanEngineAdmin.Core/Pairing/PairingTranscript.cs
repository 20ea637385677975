using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Direction;

namespace ScanEngineAdmin.Core.Pairing;

/// <summary>
/// Everything two nodes must have seen alike for a proof to hold. The fingerprints are those that each side sees on its
/// own connection: whoever sits between two connections shows two others.
/// </summary>
internal sealed record PairingTranscript
{
    public required NodeRole UserRole { get; init; }

    public required NodeRole MakerRole { get; init; }

    public required Guid UserNodeId { get; init; }

    public required Guid MakerNodeId { get; init; }

    public required string UserName { get; init; }

    public required string MakerName { get; init; }

    public required string UserProduct { get; init; }

    public required string MakerProduct { get; init; }

    public required Fingerprint UserFingerprint { get; init; }

    public required Fingerprint MakerFingerprint { get; init; }

    public required byte[] UserNonce { get; init; }

    public required byte[] MakerNonce { get; init; }

    public required Guid SecretId { get; init; }

    public required Guid PairingId { get; init; }

    public required long Epoch { get; init; }

    public required string EngineName { get; init; }

    public required CommunicationDirection Direction { get; init; }

    /// <summary>Each field with its name and length, so that no two different transcripts are the same bytes.</summary>
    internal byte[] ToBytes()
    {
        using var bytes = new MemoryStream();
        Put("protocol", "scanengine pairing 1");
        Put("user role", UserRole.ToString());
        Put("maker role", MakerRole.ToString());
        Put("user node", UserNodeId.ToString("D"));
        Put("maker node", MakerNodeId.ToString("D"));
        Put("user name", UserName);
        Put("maker name", MakerName);
        Put("user product", UserProduct);
        Put("maker product", MakerProduct);
        Put("user fingerprint", UserFingerprint.Hex);
        Put("maker fingerprint", MakerFingerprint.Hex);
        Put("user nonce", Convert.ToHexString(UserNonce));
        Put("maker nonce", Convert.ToHexString(MakerNonce));
        Put("secret", SecretId.ToString("D"));
        Put("pairing", PairingId.ToString("D"));
        Put("epoch", Epoch.ToString(CultureInfo.InvariantCulture));
        Put("engine name", EngineName);
        Put("direction", Direction.ToString());
        return bytes.ToArray();

        void Put(string label, string value)
        {
            Write(label);
            Write(value);
        }

        void Write(string text)
        {
            byte[] encoded = Encoding.UTF8.GetBytes(text);
            Span<byte> length = stackalloc byte[sizeof(int)];
            BinaryPrimitives.WriteInt32BigEndian(length, encoded.Length);
            bytes.Write(length);
            bytes.Write(encoded);
        }
    }
}
