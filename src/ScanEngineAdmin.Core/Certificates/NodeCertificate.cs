using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Certificates;

/// <summary>
/// A running node's own certificate, or two while it is replaced: which one is shown to whom. An acceptor shows what
/// the dialler expects, a dialler what the peer has acknowledged; so the change of certificate strands nobody.
/// </summary>
internal sealed class NodeCertificate : IDisposable
{
    /// <summary>What one peer may change of its own certificate within an hour.</summary>
    public const int ChangesPerPeer = 20;

    /// <summary>How often a peer may have this side dial again within an hour.</summary>
    public const int RedialsPerPeer = 60;

    private const int PeersRemembered = 65_536;

    private readonly string _folder;
    private readonly TimeProvider _time;
    private volatile CertificateRotation? _rotation;

    private NodeCertificate(
        string folder, INodeStore store, TimeProvider time, NodeKeys keys, CertificateRotation? rotation)
    {
        _folder = folder;
        _time = time;
        _rotation = rotation;
        Keys = keys;
        Progress = new RotationProgress(store);
        Changes = new AttemptCounter<Guid>(TimeSpan.FromHours(1), PeersRemembered, time);
        Redials = new AttemptCounter<Guid>(TimeSpan.FromHours(1), PeersRemembered, time);
    }

    public NodeKeys Keys { get; }

    public RotationProgress Progress { get; }

    /// <summary>What peers changed of their certificates lately.</summary>
    public AttemptCounter<Guid> Changes { get; }

    public AttemptCounter<Guid> Redials { get; }

    public CertificateRotation? Rotation => _rotation;

    /// <summary>Called when a channel was opened while the certificate is replaced: there may be news.</summary>
    public Action? Opened { get; set; }

    /// <exception cref="ScanEngineException">KeyReadableByOthers, KeyDamaged, DataFolderNotWritable.</exception>
    public static (Guid NodeId, NodeCertificate Certificate) Load(string folder, INodeStore store, TimeProvider time)
    {
        try
        {
            (Guid nodeId, NodeIdentity present, NodeIdentity? other, CertificateRotation? rotation) =
                IdentityFile.LoadAll(folder, time);
            var keys = new NodeKeys(present);
            keys.Set(present, other, ShowsOther(rotation));
            return (nodeId, new NodeCertificate(folder, store, time, keys, rotation));
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw DataFolder.NotWritable(folder, e);
        }
    }

    /// <summary>
    /// Reads what an admin's session has written since. True, with the previous replacement, if that has changed.
    /// </summary>
    public bool Refresh(out CertificateRotation? before)
    {
        before = _rotation;
        if (RotationFiles.Read(_folder) == before)
        {
            return false;
        }

        (_, NodeIdentity present, NodeIdentity? other, CertificateRotation? now) = IdentityFile.LoadAll(_folder, _time);
        Keys.Set(Same(present), other is null ? null : Same(other), ShowsOther(now));
        _rotation = now;
        return true;
    }

    /// <summary>Every peer has heard the end.</summary>
    public void Close(Guid rotationId) => new RotationFiles(_folder, _time).Close(rotationId);

    /// <summary>Tells whoever looks after a replacement that a channel is open.</summary>
    public void ChannelOpened()
    {
        if (_rotation is not null)
        {
            Opened?.Invoke();
        }
    }

    /// <summary>What to show a peer that is dialled, and what else if it does not know that one.</summary>
    public IReadOnlyList<NodeIdentity> ForDial(Guid pairingId)
    {
        CertificateRotation? rotation = _rotation;
        if (rotation is null || Keys.Find(rotation.Old) is not { } old || Keys.Find(rotation.New) is not { } next)
        {
            return [Keys.Present];
        }

        if (rotation.Phase == CertificatePhase.Prepared)
        {
            return [old];
        }

        bool knows = rotation.ShowsNew && RotationProgress.KnowsNew(rotation, Progress.Of(rotation, pairingId));
        return knows ? [next, old] : [old, next];
    }

    /// <summary>What to show while a pairing is made: it goes on with the key that it began with.</summary>
    public NodeIdentity ForPairing(DateTimeOffset began) =>
        _rotation is { ShowsNew: true } rotation && began < rotation.Switched
            ? Keys.Find(rotation.Old) ?? Keys.Present
            : Keys.Present;

    public void Dispose() => Keys.Dispose();

    private static bool ShowsOther(CertificateRotation? rotation) =>
        rotation is not null && rotation.Phase != CertificatePhase.Prepared;

    // One that is in use already stays: the TLS stack keeps its context and its sessions with it.
    private NodeIdentity Same(NodeIdentity loaded)
    {
        if (Keys.Find(loaded.Fingerprint) is not { } known)
        {
            return loaded;
        }

        loaded.Dispose();
        return known;
    }
}
