using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Core.Nodes;

/// <summary>A node's id and key on disk: <c>node.id</c>, <c>node.crt</c> and <c>node.key</c> (0600) in its folder.</summary>
public static class IdentityFile
{
    /// <summary>Loads the node's id and identity, or makes them at first use (atomically: two processes agree on one).</summary>
    /// <exception cref="ScanEngineException">KeyReadableByOthers, KeyDamaged, DataFolderNotWritable.</exception>
    public static (Guid NodeId, NodeIdentity Identity) LoadOrCreate(string folder, TimeProvider time) =>
        throw new NotImplementedException(folder + time);
}
