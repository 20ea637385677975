using System.Security.Cryptography;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Core.Tests.Pairing;

public sealed class PairingProofTests
{
    private static readonly Fingerprint Other = Fingerprint.Parse(new string('d', 64));
    private readonly PairingSecret _secret = PairingSecret.Create(Fingerprint.Parse(new string('b', 64)));

    public static TheoryData<string> Fields =>
        new(typeof(PairingTranscript).GetProperties().Select(property => property.Name));

    [Fact]
    public void Both_proofs_hold_for_the_same_transcript()
    {
        PairingTranscript seen = Transcript();

        Assert.True(PairingProof.VerifyUser(_secret.StoredKey(), PairingProof.OfUser(_secret, seen), Transcript(seen)));
        Assert.True(PairingProof.VerifyMaker(
            _secret, PairingProof.OfMaker(_secret.ServerKey(), seen), Transcript(seen)));
    }

    [Fact]
    public void A_wrong_secret_proves_nothing()
    {
        PairingSecret wrong = PairingSecret.Create(_secret.Maker);
        PairingTranscript seen = Transcript();

        Assert.False(PairingProof.VerifyUser(_secret.StoredKey(), PairingProof.OfUser(wrong, seen), seen));
        Assert.False(PairingProof.VerifyMaker(wrong, PairingProof.OfMaker(_secret.ServerKey(), seen), seen));
    }

    [Fact]
    public void Who_reads_the_makers_store_cannot_prove_the_secret()
    {
        PairingTranscript seen = Transcript();
        byte[] forged = HMACSHA256.HashData(_secret.StoredKey(), seen.ToBytes());

        Assert.False(PairingProof.VerifyUser(_secret.StoredKey(), forged, seen));
        Assert.False(PairingProof.VerifyUser(
            _secret.StoredKey(), PairingProof.OfMaker(_secret.StoredKey(), seen), seen));
        Assert.False(PairingProof.VerifyUser(
            _secret.StoredKey(), PairingProof.OfMaker(_secret.ServerKey(), seen), seen));
    }

    // The list of fields is the record's own, so a field that is added and not signed fails here.
    [Theory]
    [MemberData(nameof(Fields))]
    public void A_change_of_any_field_breaks_both_proofs(string field)
    {
        PairingTranscript seen = Transcript();
        PairingTranscript changed = Change(seen, field);

        Assert.NotEqual(seen.ToBytes(), changed.ToBytes());
        Assert.False(PairingProof.VerifyUser(_secret.StoredKey(), PairingProof.OfUser(_secret, seen), changed));
        Assert.False(PairingProof.VerifyMaker(_secret, PairingProof.OfMaker(_secret.ServerKey(), seen), changed));
    }

    [Fact]
    public void Text_cannot_be_moved_from_one_field_into_the_next()
    {
        PairingTranscript one = Transcript() with { UserName = "ab", MakerName = "c" };
        PairingTranscript other = one with { UserName = "a", MakerName = "bc" };

        Assert.NotEqual(one.ToBytes(), other.ToBytes());
    }

    [Fact]
    public void A_proof_with_any_bit_turned_or_cut_short_fails()
    {
        PairingTranscript seen = Transcript();
        byte[] proof = PairingProof.OfUser(_secret, seen);
        for (int bit = 0; bit < proof.Length * 8; bit++)
        {
            byte[] turned = [.. proof];
            turned[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(PairingProof.VerifyUser(_secret.StoredKey(), turned, seen));
        }

        Assert.False(PairingProof.VerifyUser(_secret.StoredKey(), proof.AsSpan(0, 31), seen));
        Assert.False(PairingProof.VerifyMaker(_secret, [], seen));
    }

    private static PairingTranscript Transcript(PairingTranscript? like = null) => new()
    {
        UserRole = NodeRole.Engine,
        MakerRole = NodeRole.Console,
        UserNodeId = like?.UserNodeId ?? Guid.NewGuid(),
        MakerNodeId = like?.MakerNodeId ?? Guid.NewGuid(),
        UserName = "engine host",
        MakerName = "console host",
        UserProduct = "1.0",
        MakerProduct = "1.1",
        UserFingerprint = Fingerprint.Parse(new string('c', 64)),
        MakerFingerprint = Fingerprint.Parse(new string('b', 64)),
        UserNonce = like?.UserNonce ?? RandomNumberGenerator.GetBytes(32),
        MakerNonce = like?.MakerNonce ?? RandomNumberGenerator.GetBytes(32),
        SecretId = like?.SecretId ?? Guid.NewGuid(),
        PairingId = like?.PairingId ?? Guid.NewGuid(),
        Epoch = 3,
        EngineName = "lab 1",
        Direction = CommunicationDirection.EngineToConsole,
    };

    private static PairingTranscript Change(PairingTranscript transcript, string field)
    {
        PairingTranscript changed = transcript with { };
        System.Reflection.PropertyInfo property = typeof(PairingTranscript).GetProperty(field)!;
        property.SetValue(changed, property.GetValue(transcript) switch
        {
            NodeRole role => role == NodeRole.Console ? NodeRole.Engine : NodeRole.Console,
            CommunicationDirection => CommunicationDirection.ConsoleToEngine,
            Guid => Guid.NewGuid(),
            string text => text + "x",
            long number => number + 1,
            Fingerprint => Other,
            byte[] => RandomNumberGenerator.GetBytes(32),
            var value => throw new NotSupportedException($"{value}"),
        });
        return changed;
    }
}
