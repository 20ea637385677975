using System.Security.Cryptography;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Certificates;

/// <summary>
/// A peer replaces its certificate. It can do so for its own pairing only, over a channel that proves a key which that
/// pairing holds; and there are never more than two: the channel's, and the one announced over it.
/// </summary>
internal sealed class PeerCertificates(
    NodeRole peerRole, Guid pairingId, NodeCertificate own, ICertificatePeers peers, INodeStore store,
    TimeProvider time)
{
    /// <summary>Why a channel is closed, or a request over it refused, whose key the pairing has replaced.</summary>
    public const string ReplacedKey = "The key of this channel is not the pairing's any more.";

    private readonly object _gate = new();
    private (PeerChannel Channel, byte[] Number)? _nonce;

    public CertificateNonce Nonce(PeerChannel channel)
    {
        byte[] number = RandomNumberGenerator.GetBytes(CertificateProof.NonceLength);
        lock (_gate)
        {
            _nonce = (channel, number);
        }

        return new CertificateNonce { Nonce = number };
    }

    public void Announce(PeerChannel channel, CertificateAnnounce announce)
    {
        byte[] number = TakeNonce(channel);
        PairedNode peer = Known(channel);
        var proof = new CertificateProof
        {
            Role = peerRole,
            NodeId = peer.NodeId ?? Guid.Empty,
            PairingId = pairingId,
            Present = channel.Peer.Fingerprint,
            Receiver = channel.Peer.ShownFingerprint,
            Nonce = number,
        };
        if (proof.Verify(announce.PublicKey, announce.Signature) is not { } announced)
        {
            Count(peer);
            throw Refuse(peer, channel, "the proof that it holds the announced key does not hold");
        }

        Fingerprint present = channel.Peer.Fingerprint;
        bool isNews = announced != present && !peer.Pins.SequenceEqual([present, announced]);
        if (isNews)
        {
            Take(announced, peer, channel);
        }

        // Whoever shows the old key all the same is dialled so often and not more.
        if (announce.InUse && channel.Peer.Dialled && announced != present
            && own.Redials.Add(pairingId) <= NodeCertificate.RedialsPerPeer)
        {
            peers.Redial(pairingId);
        }
    }

    private void Take(Fingerprint announced, PairedNode peer, PeerChannel channel)
    {
        Count(peer);
        if (own.Keys.Find(announced) is not null
            || peers.List().Any(other => other.PairingId != pairingId && other.Pins.Contains(announced)))
        {
            throw Refuse(peer, channel, $"the announced key is another node's ({announced})");
        }

        Fingerprint present = channel.Peer.Fingerprint;
        peers.ChangePins(pairingId, current => current.Contains(present) ? [present, announced] : current);
        Note(Events.PeerCertificateAnnounced, peer, channel, $"{announced} beside {present}");
    }

    public async Task SettleAsync(PeerChannel channel)
    {
        PairedNode peer = Known(channel);
        Fingerprint settled = channel.Peer.Fingerprint;
        if (peer.Pins.Count == 1)
        {
            return;
        }

        // Before the pins say so, and not as a revocation: to the peer itself, which may still have one of these open,
        // nothing has ended.
        Task closed = Task.WhenAll(peers.Channels(pairingId)
            .Where(other => other.Peer.Fingerprint != settled)
            .Select(other => other.CloseAsync(RefusalCode.Unspecified, "The key of this channel was replaced.")));
        peers.ChangePins(pairingId, current => current.Contains(settled) ? [settled] : current);
        Note(Events.PeerCertificateSettled, peer, channel, $"{settled} only");
        await closed.ConfigureAwait(false);
    }

    private byte[] TakeNonce(PeerChannel channel)
    {
        lock (_gate)
        {
            (PeerChannel Channel, byte[] Number)? nonce = _nonce;
            _nonce = null;
            return nonce is { } drawn && ReferenceEquals(drawn.Channel, channel)
                ? drawn.Number
                : throw new PeerRequestException((int)RequestCode.Stale, "No number was drawn for this announcement.");
        }
    }

    /// <summary>From what the store says now: an admin may have ended the pairing meanwhile.</summary>
    private PairedNode Known(PeerChannel channel) =>
        peers.Get(pairingId) is { IsPaired: true } peer && peer.Pins.Contains(channel.Peer.Fingerprint)
            ? peer
            : throw new PeerRequestException((int)RequestCode.Stale, ReplacedKey);

    private void Count(PairedNode peer)
    {
        if (own.Changes.Add(pairingId) > NodeCertificate.ChangesPerPeer)
        {
            throw new PeerRequestException(
                (int)RequestCode.Busy, $"{peer.Name} has changed its certificate too often.");
        }
    }

    private PeerRequestException Refuse(PairedNode peer, PeerChannel channel, string why)
    {
        Note(Events.PeerCertificateRefused, peer, channel, why, LogLevel.Warning);
        return new PeerRequestException((int)RequestCode.CertificateRefused, $"The certificate is not taken: {why}.");
    }

    private void Note(
        string name, PairedNode peer, PeerChannel channel, string detail, LogLevel level = LogLevel.Information)
    {
        store.AddEvent(new AuditEvent
        {
            Time = time.GetUtcNow(),
            Event = name,
            PairingId = pairingId,
            Subject = peer.Name,
            Actor = ObservedAddress.Text(channel.Peer.Remote.Address),
            Detail = detail,
        });
        peers.Log(level, name, $"{peerRole} {peer.Name}: {detail}.", pairingId);
    }
}
