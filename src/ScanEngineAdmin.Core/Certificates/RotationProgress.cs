using System.Text;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Certificates;

/// <summary>
/// What every peer has heard of a replacement: one setting each in the node's store, which only the running node
/// writes. One of an earlier replacement counts as none.
/// </summary>
internal sealed class RotationProgress(INodeStore store)
{
    private const string Prefix = "certificate.peer.";

    public PeerProgress Of(CertificateRotation rotation, Guid pairingId) =>
        Read(store.GetSetting(Key(pairingId)), rotation) ?? Fresh(rotation);

    public Func<Guid, PeerProgress> All(CertificateRotation rotation)
    {
        IReadOnlyDictionary<string, string> all = store.ListSettings(Prefix);
        return pairingId => Read(all.GetValueOrDefault(Key(pairingId)), rotation) ?? Fresh(rotation);
    }

    public PeerProgress Save(Guid pairingId, PeerProgress progress)
    {
        store.SetSetting(Key(pairingId), Encoding.UTF8.GetString(WireJson.Write(progress)));
        return progress;
    }

    public void Clear()
    {
        foreach (string key in store.ListSettings(Prefix).Keys)
        {
            store.SetSetting(key, null);
        }
    }

    /// <summary>Where a peer stands, and whether the phase has to wait for it.</summary>
    public static CertificatePeer Describe(CertificateRotation rotation, PairedNode peer, PeerProgress progress)
    {
        bool needsNothing = NeedsNothing(rotation, peer, progress);
        string target = rotation.Target.Hex;
        CertificatePeerState state = !peer.IsPaired ? CertificatePeerState.PairingUnderWay
            : needsNothing || progress.Settled == target ? CertificatePeerState.Done
            : progress.Met == target ? CertificatePeerState.Met
            : progress.Known == target ? CertificatePeerState.Acknowledged
            : CertificatePeerState.Waiting;
        bool lags = rotation.Phase switch
        {
            CertificatePhase.Prepared => state == CertificatePeerState.Waiting,
            CertificatePhase.Switched => state is CertificatePeerState.Waiting or CertificatePeerState.Acknowledged
                || (state == CertificatePeerState.PairingUnderWay && peer.Since < rotation.Switched),
            _ => peer.IsPaired && state != CertificatePeerState.Done,
        };
        return new CertificatePeer(
            peer.PairingId, peer.Name, state, lags, peer.LastContact, Detail(state, lags, progress));
    }

    /// <summary>Whether the new key may be shown to a peer.</summary>
    public static bool KnowsNew(CertificateRotation rotation, PeerProgress progress) =>
        progress.Known == rotation.New.Hex || progress.Met == rotation.New.Hex;

    /// <summary>A peer that never heard of the new key, and was paired before it was made, cannot know it.</summary>
    private static bool NeedsNothing(CertificateRotation rotation, PairedNode peer, PeerProgress progress) =>
        rotation.Phase == CertificatePhase.RollingBack && !progress.Informed && progress.Met != rotation.New.Hex
        && peer.Since < rotation.Started;

    private static string Detail(CertificatePeerState state, bool lags, PeerProgress progress) => state switch
    {
        _ when progress.Reason is { } reason && lags => reason,
        CertificatePeerState.PairingUnderWay => "the pairing is not complete: it goes on with the key it began with",
        CertificatePeerState.Waiting => "it was not reached yet",
        CertificatePeerState.Acknowledged when lags => "it knows the certificate, and has not met it yet",
        CertificatePeerState.Met when lags => "it has met the certificate, and was not told to drop the other one yet",
        _ => string.Empty,
    };

    private static string Key(Guid pairingId) => $"{Prefix}{pairingId:D}";

    private static PeerProgress Fresh(CertificateRotation rotation) => new() { RotationId = rotation.RotationId };

    private static PeerProgress? Read(string? text, CertificateRotation rotation)
    {
        if (text is null)
        {
            return null;
        }

        try
        {
            var progress = WireJson.Read<PeerProgress>(Encoding.UTF8.GetBytes(text));
            return progress.RotationId == rotation.RotationId ? progress : null;
        }
        catch (PeerRequestException)
        {
            // Written by another version: the peer is asked again, which changes nothing at it.
            return null;
        }
    }
}
