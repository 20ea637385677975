using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Certificates;

/// <summary>A node's keys for a session that dials in its name: which one to show to which peer.</summary>
internal sealed class ShownKeys : IDisposable
{
    private readonly NodeIdentity _present;
    private readonly NodeIdentity? _other;
    private readonly CertificateRotation? _rotation;
    private readonly Func<Guid, PeerProgress>? _progress;

    private ShownKeys(
        Guid nodeId, NodeIdentity present, NodeIdentity? other, CertificateRotation? rotation, INodeStore store)
    {
        NodeId = nodeId;
        HelloProperties = ConsoleGeneration.Said(store);
        (_present, _other, _rotation) = (present, other, rotation);
        _progress = rotation is null ? null : new RotationProgress(store).All(rotation);
    }

    public Guid NodeId { get; }

    /// <summary>What its hello says beside who it is.</summary>
    public IReadOnlyDictionary<string, string> HelloProperties { get; }

    /// <summary>The one that the peer is held to know.</summary>
    public NodeIdentity For(Guid pairingId) =>
        _rotation is { ShowsNew: true } rotation && _other is not null
            && !RotationProgress.KnowsNew(rotation, _progress!(pairingId))
                ? _other
                : _present;

    public void Dispose()
    {
        _present.Dispose();
        _other?.Dispose();
    }

    internal static ShownKeys Load(string folder, INodeStore store, TimeProvider time)
    {
        try
        {
            (Guid nodeId, NodeIdentity present, NodeIdentity? other, CertificateRotation? rotation) =
                IdentityFile.LoadAll(folder, time);
            return new ShownKeys(nodeId, present, other, rotation, store);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw DataFolder.NotWritable(folder, e);
        }
    }
}
