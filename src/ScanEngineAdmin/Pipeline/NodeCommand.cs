using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Hosting;

namespace ScanEngineAdmin.Pipeline;

/// <summary>A cmdlet that works on the store of a console or an engine of this host.</summary>
public abstract class NodeCommand : ScanEngineCommand
{
    private NodeAdmin? _admin;
    private DataFolder? _openedOn;

    /// <summary>Whether such a node was ever run or set up here. Reading must not make a folder.</summary>
    private protected bool HasNode => Directory.Exists(NodeFolder(Folder));

    /// <summary>The node's own folder in a data folder.</summary>
    private protected abstract string NodeFolder(DataFolder folder);

    /// <summary>The admin's side of the node in a data folder.</summary>
    private protected abstract NodeAdmin OpenAdmin(DataFolder folder);

    /// <summary>An item of the pipeline comes from a data folder that has no such node any more.</summary>
    private protected abstract ScanEngineException NoNode(DataFolder folder);

    /// <summary>
    /// The node's data, opened at first use; an item that names another data folder opens that one.
    /// </summary>
    private protected NodeAdmin AdminOfItem()
    {
        DataFolder folder = Folder;
        if (_admin is not null && !ReferenceEquals(folder, _openedOn))
        {
            try
            {
                Settle();
            }
            finally
            {
                Close();
            }
        }

        if (_admin is null)
        {
            if (FolderIsTheItems && !HasNode)
            {
                throw NoNode(folder);
            }

            _admin = OpenAdmin(folder);
            _openedOn = folder;
        }

        return _admin;
    }

    /// <summary>The node's data of the items so far, whatever folder the next one names.</summary>
    private protected NodeAdmin AdminOfItems() => _admin ?? AdminOfItem();

    /// <summary>
    /// Acts on what was gathered of the pipeline's items, by the admin that was opened for them: at their end, and
    /// before an item of another data folder closes this one's.
    /// </summary>
    private protected virtual void Settle()
    {
    }

    /// <summary>Stops the node of the item's data folder, in this process or another.</summary>
    private protected void StopNode(string what, TimeSpan timeout)
    {
        if (!HasNode)
        {
            WriteWarning($"{NoNode(Folder).Message} Nothing was stopped.");
        }
        else if (ShouldProcess(Folder.Root, $"Stop {what}"))
        {
            HostedNode? here = ModuleLifetime.Nodes.Find(NodeFolder(Folder));
            NodeAdmin admin = AdminOfItem();
            Await((_, token) => here is null ? admin.StopAsync(timeout, token) : here.StopAsync(timeout, token));
        }
    }

    private protected sealed override void Finish() => Settle();

    private protected override ScanEngineException Explain(ScanEngineException fault) =>
        NotFound.Explain(fault, () => HasNode ? null : NoNode(Folder));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Close();
        }

        base.Dispose(disposing);
    }

    private void Close()
    {
        _admin?.Dispose();
        _admin = null;
    }
}
