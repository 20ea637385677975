using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Pairing;

/// <summary>Takes whoever dials to be paired: with a secret that was made here, or asking for approval.</summary>
internal sealed class PairingAcceptor(
    PairingSelf self, INodeStore store, IPairingLedger ledger, TimeProvider time, SecretAttempts? attempts = null)
{
    private static readonly TimeSpan StoreRetry = TimeSpan.FromSeconds(5);
    private readonly SecretAttempts _attempts = attempts ?? new SecretAttempts(time);

    /// <summary>Runs the exchange to its end; a refusal is an outcome, not an exception.</summary>
    /// <exception cref="ChannelException">The connection broke.</exception>
    internal async Task<PairingVerdict> AcceptAsync(IPairingMessages messages, CancellationToken cancellationToken)
    {
        PairedPeer? peer = null;
        Refusal refusal;
        try
        {
            PairingBegin begin = await messages.ReceiveAsync<PairingBegin>(cancellationToken).ConfigureAwait(false);
            Validate(begin);
            peer = Describe(begin, messages);
            if (begin.SecretId is null)
            {
                bool approved = await new ApprovalMaker(self, ledger)
                    .AnswerAsync(messages, peer, cancellationToken).ConfigureAwait(false);
                return new PairingVerdict(peer, Paired: false, approved, Refused: null);
            }

            peer = await new PairingMaker(self, store, ledger, time, _attempts)
                .PairAsync(messages, begin, peer, cancellationToken).ConfigureAwait(false);
            return new PairingVerdict(peer, Paired: true, Approved: true, Refused: null);
        }
        catch (PairingRefusedException e)
        {
            refusal = new Refusal(e.Code, e.Message, e.RetryAfter);
        }
        catch (FormatException e)
        {
            refusal = new Refusal(RefusalCode.BadHello, e.Message);
        }
        catch (ScanEngineException e)
        {
            refusal = Explain(e);
        }

        await messages.RefuseAsync(refusal, cancellationToken).ConfigureAwait(false);
        return new PairingVerdict(peer, Paired: false, Approved: false, refusal);
    }

    private static Refusal Explain(ScanEngineException e) => e.Code switch
    {
        FaultCode.IdentityConflict => new Refusal(RefusalCode.IdentityConflict, e.Message),
        FaultCode.EngineNameInUse => new Refusal(RefusalCode.NameInUse, e.Message),
        FaultCode.SecretRevoked => new Refusal(RefusalCode.SecretRevoked, e.Message),
        FaultCode.PairingDenied => new Refusal(RefusalCode.Denied, e.Message),

        // What ails this side's store is nothing to tell a stranger.
        _ => new Refusal(RefusalCode.Busy, "This node cannot record a pairing now.", StoreRetry),
    };

    private void Validate(PairingBegin begin)
    {
        if (begin.Role == self.Role)
        {
            throw new PairingRefusedException(
                RefusalCode.WrongRole, $"This node is a {self.Role}: it is paired with the other kind.");
        }

        bool console = begin.Role == NodeRole.Console;
        bool wellFormed = begin.NodeId != Guid.Empty
            && begin.Direction == DirectionOf(begin.Role)
            && begin.PairingId.HasValue == console
            && begin.PairingId != Guid.Empty
            && begin.Epoch.HasValue == console
            && begin.Epoch is null or (>= 0 and <= HelloFacts.MaxEpoch)
            && (begin.SecretId is null ? begin.Nonce is null : begin.Nonce?.Length == PairingProof.NonceLength);
        if (EngineName.Flaw(begin.EngineName) is { } flaw)
        {
            throw new FormatException($"The engine's name is refused: {flaw}.");
        }

        if (!wellFormed)
        {
            throw new FormatException("The first message contradicts itself.");
        }
    }

    // Who dials to be paired says which way the pairing begins.
    private static CommunicationDirection DirectionOf(NodeRole dialler) => dialler == NodeRole.Console
        ? CommunicationDirection.ConsoleToEngine
        : CommunicationDirection.EngineToConsole;

    // Only who was given the secret can name it; whether it holds it is proved before anything is written.
    private bool IsBound(PairingBegin begin) => begin.SecretId is { } secretId
        && store.GetSecret(secretId)?.EngineName is { } name
        && name.Equals(begin.EngineName, StringComparison.OrdinalIgnoreCase);

    private PairedPeer Describe(PairingBegin begin, IPairingMessages messages)
    {
        (Guid pairingId, long epoch) = begin.PairingId is { } given
            ? (given, begin.Epoch ?? 0)
            : ledger.Number(begin.NodeId, messages.PeerFingerprint, begin.EngineName, IsBound(begin))
                ?? (Guid.NewGuid(), 0);
        return new PairedPeer
        {
            PairingId = pairingId,
            Epoch = epoch,
            PeerRole = begin.Role,
            PeerNodeId = begin.NodeId,
            PeerName = begin.Name,
            PeerFingerprint = messages.PeerFingerprint,
            EngineName = begin.EngineName,
            Direction = begin.Direction,
            Product = begin.Product,
            ObservedAddress = messages.RemoteAddress,
            ConfirmedByPeer = begin.Confirmed,
        };
    }
}
