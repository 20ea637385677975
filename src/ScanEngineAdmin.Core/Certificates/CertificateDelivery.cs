using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;

namespace ScanEngineAdmin.Core.Certificates;

/// <summary>
/// Tells one peer over one channel what a replacement asks for next: the announced key, or that the channel's key is
/// the only one. What it answers is written down before anything is made of it.
/// </summary>
internal sealed class CertificateDelivery(
    NodeRole role, Guid nodeId, NodeCertificate own, ICertificatePeers peers,
    Action<PairedNode, Fingerprint> acknowledged)
{
    /// <summary>Whether nothing is left to be done over this channel in this phase.</summary>
    /// <exception cref="ChannelException">The channel's fault, or the peer's refusal.</exception>
    public async Task<bool> RunAsync(
        CertificateRotation rotation, PairedNode peer, PeerChannel channel, CancellationToken cancellationToken)
    {
        PeerProgress progress = own.Progress.Of(rotation, peer.PairingId);
        try
        {
            return channel.Peer.ShownFingerprint == rotation.Target
                ? await SettleAsync(rotation, peer, channel, progress, cancellationToken).ConfigureAwait(false)
                : await AnnounceAsync(rotation, peer, channel, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelException exception) when (exception.PeerCode == (int)RequestCode.UnknownMethod)
        {
            return Unsupported(rotation, peer, channel);
        }
        catch (ChannelException exception) when (exception.Fault == ChannelFault.RequestFailed)
        {
            progress = own.Progress.Of(rotation, peer.PairingId);
            own.Progress.Save(peer.PairingId, progress with { Reason = $"it answered: {exception.Message}" });
            throw;
        }
    }

    private async Task<bool> AnnounceAsync(
        CertificateRotation rotation,
        PairedNode peer,
        PeerChannel channel,
        PeerProgress progress,
        CancellationToken cancellationToken)
    {
        bool inUse = rotation.Phase != CertificatePhase.Prepared;
        string target = rotation.Target.Hex;
        bool knew = progress.Known == target;
        if (knew && !inUse)
        {
            return true;
        }

        if (own.Keys.Find(rotation.Target) is not { } announced)
        {
            return false;
        }

        // Before it is said: a rollback after a kill must know that the peer may hold the key.
        progress = own.Progress.Save(peer.PairingId, progress with { Informed = true });
        CertificateNonce drawn = await channel.AskAsync<CertificateNonce>(
            Methods.CertificateNonce, new CertificateNonceAsk(), cancellationToken).ConfigureAwait(false);
        if (drawn.Nonce.Length != CertificateProof.NonceLength)
        {
            throw new ChannelException(
                ChannelFault.ProtocolViolation,
                ChannelStage.Open,
                channel.Peer.Remote.ToString(),
                $"{peer.Name} drew a number of {drawn.Nonce.Length} bytes.");
        }

        var proof = new CertificateProof
        {
            Role = role,
            NodeId = nodeId,
            PairingId = peer.PairingId,
            Present = channel.Peer.ShownFingerprint,
            Receiver = channel.Peer.Fingerprint,
            Nonce = drawn.Nonce,
        };
        await channel.AskAsync<Done>(
            Methods.CertificateAnnounce,
            new CertificateAnnounce
            {
                PublicKey = announced.Certificate.PublicKey.ExportSubjectPublicKeyInfo(),
                Signature = proof.Sign(announced),
                InUse = inUse,
            },
            cancellationToken).ConfigureAwait(false);
        if (!knew)
        {
            // The switch waits for the progress alone: its event must not come before this one.
            acknowledged(peer, rotation.Target);
        }

        own.Progress.Save(peer.PairingId, progress with { Known = target, Reason = null });
        if (inUse && channel.Peer.Dialled)
        {
            peers.Redial(peer.PairingId);
        }

        // The channel that comes next shows it; if none comes, this one is asked again.
        return !inUse;
    }

    private async Task<bool> SettleAsync(
        CertificateRotation rotation,
        PairedNode peer,
        PeerChannel channel,
        PeerProgress progress,
        CancellationToken cancellationToken)
    {
        string target = rotation.Target.Hex;
        if (progress.Met != target)
        {
            progress = own.Progress.Save(peer.PairingId, progress with { Known = target, Met = target, Reason = null });
        }

        bool over = rotation.Phase is CertificatePhase.Finishing or CertificatePhase.RollingBack;
        if (over && RotationProgress.Describe(rotation, peer, progress).IsLagging)
        {
            await Task.WhenAll(peers.Channels(peer.PairingId)
                .Where(other => other.Peer.ShownFingerprint != rotation.Target)
                .Select(other => other.CloseAsync(RefusalCode.Unspecified, "The key of this channel was replaced.")))
                .ConfigureAwait(false);
            await channel.AskAsync<Done>(Methods.CertificateSettle, new CertificateSettle(), cancellationToken)
                .ConfigureAwait(false);
            own.Progress.Save(peer.PairingId, progress with { Settled = target });
        }

        return true;
    }

    /// <summary>An older peer: it cannot have taken up a second key, so there is none for it to drop.</summary>
    private bool Unsupported(CertificateRotation rotation, PairedNode peer, PeerChannel channel)
    {
        PeerProgress progress = own.Progress.Of(rotation, peer.PairingId);
        bool settled = channel.Peer.ShownFingerprint == rotation.Target;
        string product = channel.Peer.Hello.Product;
        own.Progress.Save(peer.PairingId, settled
            ? progress with { Settled = rotation.Target.Hex }
            : progress with
            {
                Informed = false,
                Reason = $"its version {product} does not know the replacement of certificates: update it, "
                    + "or pair it again after the new certificate is in use",
            });
        return true;
    }
}
