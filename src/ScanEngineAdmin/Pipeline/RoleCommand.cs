using System.Management.Automation;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Loading;

namespace ScanEngineAdmin.Pipeline;

/// <summary>A cmdlet that works on the console's or the engine's store, as -Role says.</summary>
public abstract class RoleCommand : ScanEngineCommand
{
    /// <summary>
    /// <para>Which node of this host: Console (the default) or Engine.</para>
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public NodeRole Role { get; set; } = NodeRole.Console;

    /// <summary>Whether there is such a node. Reading what is not there must not make it.</summary>
    private protected bool HasNode => Directory.Exists(Role == NodeRole.Console ? Folder.Console : Folder.Engine);

    /// <summary>Opens the admin's side of the node of that role for one step.</summary>
    private protected T With<T>(Func<ConsoleAdmin, T> onConsole, Func<EngineAdmin, T> onEngine)
    {
        if (FolderIsTheItems && !HasNode)
        {
            throw NotFound.NodeIn(Role, Folder);
        }

        if (Role == NodeRole.Console)
        {
            using ConsoleAdmin console = ConsoleAdmin.Open(Folder, Stores.Provider);
            return onConsole(console);
        }

        using EngineAdmin engine = EngineAdmin.Open(Folder, Stores.Provider);
        return onEngine(engine);
    }

    private protected sealed override ScanEngineException Explain(ScanEngineException fault) =>
        NotFound.Explain(fault, () => HasNode ? null : NotFound.NodeIn(Role, Folder));

    private protected T WithStore<T>(Func<INodeStore, T> read) =>
        With(console => read(console.Store), engine => read(engine.Store));
}
