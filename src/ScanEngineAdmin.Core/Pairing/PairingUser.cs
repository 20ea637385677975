using System.Security.Cryptography;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Core.Pairing;

/// <summary>The side that was given the secret and dials its maker.</summary>
internal sealed class PairingUser(PairingSelf self, IPairingLedger ledger)
{
    /// <summary>Pairs and records it; returns only when both sides have proved themselves.</summary>
    /// <exception cref="ChannelException">The maker refused, or the connection broke.</exception>
    /// <exception cref="ScanEngineException">PeerNotTrusted, WrongRole, ProtocolViolation; the ledger's.</exception>
    internal async Task<PairedPeer> PairAsync(
        IPairingMessages messages,
        PairingSecret secret,
        string engineName,
        DialTarget dialled,
        CancellationToken cancellationToken)
    {
        // The dialler's pin says the same; but a secret of several users is safe only as long as this holds.
        if (messages.PeerFingerprint != secret.Maker)
        {
            throw Fault(
                FaultCode.PeerNotTrusted, dialled, "is not the node that made the secret", "Dial the secret's maker.");
        }

        (Guid PairingId, long Epoch)? number = ledger.Number(null, secret.Maker, engineName);
        var begin = new PairingBegin
        {
            SecretId = secret.SecretId,
            Nonce = RandomNumberGenerator.GetBytes(PairingProof.NonceLength),
            NodeId = self.NodeId,
            Role = self.Role,
            Name = self.Name,
            Product = self.Product,
            EngineName = engineName,
            Direction = self.Role == NodeRole.Console
                ? CommunicationDirection.ConsoleToEngine
                : CommunicationDirection.EngineToConsole,
            PairingId = number?.PairingId,
            Epoch = number?.Epoch,
        };
        try
        {
            await messages.SendAsync(begin, cancellationToken).ConfigureAwait(false);
            PairingChallenge challenge =
                await messages.ReceiveAsync<PairingChallenge>(cancellationToken).ConfigureAwait(false);
            Validate(begin, challenge, dialled);
            PairedPeer peer = Describe(begin, challenge, messages, dialled);
            ledger.Check(peer);
            PairingTranscript transcript = Transcript(begin, challenge, messages.PeerFingerprint);
            var prove = new PairingProve { Proof = PairingProof.OfUser(secret, transcript) };
            await messages.SendAsync(prove, cancellationToken).ConfigureAwait(false);
            PairingDone done = await messages.ReceiveAsync<PairingDone>(cancellationToken).ConfigureAwait(false);
            if (!PairingProof.VerifyMaker(secret, done.Proof, transcript))
            {
                throw Fault(
                    FaultCode.PeerNotTrusted,
                    dialled,
                    "could not prove that it made the secret",
                    "Make a new secret with New-EnginePairingSecret, and find out who answers at that address.");
            }

            ledger.Record(peer);
            return peer;
        }
        catch (FormatException e)
        {
            throw Fault(
                FaultCode.ProtocolViolation, dialled, "answered what is no pairing", "Update the older node.", e);
        }
    }

    private static ScanEngineException Fault(
        FaultCode code, DialTarget dialled, string what, string recommendation, Exception? cause = null) =>
        new(code, $"{dialled.EndPoint} {what}.", recommendation, dialled.EndPoint, cause);

    private void Validate(PairingBegin begin, PairingChallenge challenge, DialTarget dialled)
    {
        if (challenge.Role == self.Role)
        {
            throw Fault(
                FaultCode.WrongRole, dialled, $"is a {self.Role} like this node", "Dial a node of the other kind.");
        }

        if (challenge.Nonce.Length != PairingProof.NonceLength
            || challenge.NodeId == Guid.Empty
            || challenge.PairingId == Guid.Empty
            || challenge.Epoch is < 0 or > HelloFacts.MaxEpoch
            || (begin.PairingId ?? challenge.PairingId) != challenge.PairingId
            || (begin.Epoch ?? challenge.Epoch) != challenge.Epoch)
        {
            throw new FormatException("The challenge contradicts itself.");
        }
    }

    private static PairedPeer Describe(
        PairingBegin begin, PairingChallenge challenge, IPairingMessages messages, DialTarget dialled) => new()
        {
            PairingId = challenge.PairingId,
            Epoch = challenge.Epoch,
            PeerRole = challenge.Role,
            PeerNodeId = challenge.NodeId,
            PeerName = challenge.Name,
            PeerFingerprint = messages.PeerFingerprint,
            EngineName = begin.EngineName,
            Direction = begin.Direction,
            Product = challenge.Product,
            ObservedAddress = messages.RemoteAddress,
            DialledAddress = dialled.Host,
            DialledPort = dialled.Port,
            Repair = true,
            Proved = true,
        };

    private PairingTranscript Transcript(PairingBegin begin, PairingChallenge challenge, Fingerprint maker) => new()
    {
        UserRole = self.Role,
        MakerRole = challenge.Role,
        UserNodeId = self.NodeId,
        MakerNodeId = challenge.NodeId,
        UserName = self.Name,
        MakerName = challenge.Name,
        UserProduct = self.Product,
        MakerProduct = challenge.Product,
        UserFingerprint = self.Fingerprint,
        MakerFingerprint = maker,
        UserNonce = begin.Nonce!,
        MakerNonce = challenge.Nonce,
        SecretId = begin.SecretId!.Value,
        PairingId = challenge.PairingId,
        Epoch = challenge.Epoch,
        EngineName = begin.EngineName,
        Direction = begin.Direction,
    };
}
