using System.Globalization;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;

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
        var bytes = new LabelledText("scanengine pairing 1");
        bytes.Put("user role", UserRole.ToString());
        bytes.Put("maker role", MakerRole.ToString());
        bytes.Put("user node", UserNodeId.ToString("D"));
        bytes.Put("maker node", MakerNodeId.ToString("D"));
        bytes.Put("user name", UserName);
        bytes.Put("maker name", MakerName);
        bytes.Put("user product", UserProduct);
        bytes.Put("maker product", MakerProduct);
        bytes.Put("user fingerprint", UserFingerprint.Hex);
        bytes.Put("maker fingerprint", MakerFingerprint.Hex);
        bytes.Put("user nonce", Convert.ToHexString(UserNonce));
        bytes.Put("maker nonce", Convert.ToHexString(MakerNonce));
        bytes.Put("secret", SecretId.ToString("D"));
        bytes.Put("pairing", PairingId.ToString("D"));
        bytes.Put("epoch", Epoch.ToString(CultureInfo.InvariantCulture));
        bytes.Put("engine name", EngineName);
        bytes.Put("direction", Direction.ToString());
        return bytes.ToArray();
    }
}
