using System.Security.Cryptography;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Pairing;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Pairing;

/// <summary>The side that made the secret: challenges, verifies, records, and proves itself in return.</summary>
internal sealed class PairingMaker(
    PairingSelf self, INodeStore store, IPairingLedger ledger, TimeProvider time, SecretAttempts attempts)
{
    internal async Task<PairedPeer> PairAsync(
        IPairingMessages messages, PairingBegin begin, PairedPeer peer, CancellationToken cancellationToken)
    {
        Guid secretId = begin.SecretId!.Value;
        if (attempts.Wait(messages.RemoteAddress, secretId) is { } wait)
        {
            throw new PairingRefusedException(
                RefusalCode.Busy,
                "Too many wrong secrets were shown: this one is not looked at before the wait is over.", wait);
        }

        // An unknown secret is taken to the end of the exchange too: a stranger does not learn which ids exist.
        SecretRecord? secret = store.GetSecret(secretId);
        byte[] storedKey = secret?.StoredKey ?? RandomNumberGenerator.GetBytes(PairingProof.Length);
        var challenge = new PairingChallenge
        {
            Nonce = RandomNumberGenerator.GetBytes(PairingProof.NonceLength),
            NodeId = self.NodeId,
            Role = self.Role,
            Name = self.Name,
            Product = self.Product,
            PairingId = peer.PairingId,
            Epoch = peer.Epoch,
        };
        await messages.SendAsync(challenge, cancellationToken).ConfigureAwait(false);
        PairingProve prove = await messages.ReceiveAsync<PairingProve>(cancellationToken).ConfigureAwait(false);
        PairingTranscript transcript = Transcript(begin, challenge, secretId, peer);
        if (!PairingProof.VerifyUser(storedKey, prove.Proof, transcript) || secret is null)
        {
            attempts.Wrong(messages.RemoteAddress, secretId, known: secret is not null);
            throw Refuse(SecretUse.NotFound);
        }

        // From here on the peer holds the secret and may know what has become of it.
        PairedPeer proved = peer with
        {
            Repair = secret.EngineName is not null,
            Proved = true,
            SecretId = secretId,
        };
        ledger.Check(proved);
        DateTimeOffset now = time.GetUtcNow();
        SecretUse use = store.UseSecret(
            secretId, peer.PeerFingerprint, begin.NodeId, begin.EngineName, now, Overused(secret, proved, now));
        if (use is not (SecretUse.Accepted or SecretUse.Repeated))
        {
            throw Refuse(use);
        }

        proved = proved with { Repeats = use == SecretUse.Repeated };
        ledger.Record(proved);
        var done = new PairingDone { Proof = PairingProof.OfMaker(secret.ServerKey, transcript) };
        await messages.SendAsync(done, cancellationToken).ConfigureAwait(false);
        return proved;
    }

    private static PairingRefusedException Refuse(SecretUse use) => use switch
    {
        SecretUse.Expired => new(RefusalCode.SecretExpired, "The secret has expired, or was made at a time that this node's clock has not reached."),
        SecretUse.Revoked => new(RefusalCode.SecretRevoked, "The secret was revoked."),
        SecretUse.UsedUp => new(
            RefusalCode.SecretUsed, "The secret was used by others already, as often as it may be."),
        SecretUse.Spent => new(
            RefusalCode.SecretUsed, "This node has paired by this secret, and was met since: it is spent."),
        SecretUse.Expelled => new(
            RefusalCode.SecretRevoked,
            "This node was thrown out here after the secret was made; only a newer secret lets it in again."),
        SecretUse.BoundToAnother => new(RefusalCode.SecretBound, "The secret is bound to an engine of another name."),
        _ => new(RefusalCode.SecretWrong, "The secret is not one this node made, or the proof failed."),
    };

    /// <summary>
    /// Who shows a secret that is used up has it from somewhere: its maker is told once, in the trail that no stranger
    /// fills.
    /// </summary>
    private static AuditEvent Overused(SecretRecord secret, PairedPeer peer, DateTimeOffset now) => new()
    {
        Time = now,
        Class = AuditClass.Admin,
        Event = Events.SecretOverused,
        Subject = peer.EngineName,
        Actor = peer.ObservedAddress is { } address ? ObservedAddress.Text(address) : string.Empty,
        Detail = $"{secret.SecretId:D}, for {secret.MaxUses} at most, was shown by one more (fingerprint "
            + $"{peer.PeerFingerprint}): more have it than were meant to",
    };

    private PairingTranscript Transcript(
        PairingBegin begin, PairingChallenge challenge, Guid secretId, PairedPeer peer) => new()
        {
            UserRole = begin.Role,
            MakerRole = self.Role,
            UserNodeId = begin.NodeId,
            MakerNodeId = self.NodeId,
            UserName = begin.Name,
            MakerName = self.Name,
            UserProduct = begin.Product,
            MakerProduct = self.Product,
            UserFingerprint = peer.PeerFingerprint,
            MakerFingerprint = self.Fingerprint,
            UserNonce = begin.Nonce!,
            MakerNonce = challenge.Nonce,
            SecretId = secretId,
            PairingId = challenge.PairingId,
            Epoch = challenge.Epoch,
            EngineName = begin.EngineName,
            Direction = begin.Direction,
        };
}
