using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Loading;

namespace ScanEngineAdmin.Pipeline;

/// <summary>A cmdlet that works on an engine's store, on the engine's host.</summary>
public abstract class EngineCommand : NodeCommand
{
    internal EngineAdmin Admin => (EngineAdmin)AdminOfItem();

    internal EngineAdmin OpenedAdmin => (EngineAdmin)AdminOfItems();

    private protected sealed override string NodeFolder(DataFolder folder) => folder.Engine;

    private protected sealed override NodeAdmin OpenAdmin(DataFolder folder) =>
        EngineAdmin.Open(folder, Stores.Provider);

    private protected sealed override ScanEngineException NoNode(DataFolder folder) =>
        NotFound.NodeIn(NodeRole.Engine, folder);
}
