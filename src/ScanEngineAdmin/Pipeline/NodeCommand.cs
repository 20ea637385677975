using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;

namespace ScanEngineAdmin.Pipeline;

/// <summary>A cmdlet that works on the store of a console or an engine of this host.</summary>
public abstract class NodeCommand : ScanEngineCommand
{
    private IDisposable? _admin;
    private DataFolder? _openedOn;

    /// <summary>Whether such a node was ever run or set up here. Reading must not make a folder.</summary>
    private protected bool HasNode => Directory.Exists(NodeFolder(Folder));

    /// <summary>The node's own folder in a data folder.</summary>
    private protected abstract string NodeFolder(DataFolder folder);

    /// <summary>The admin's side of the node in a data folder.</summary>
    private protected abstract IDisposable OpenAdmin(DataFolder folder);

    /// <summary>An item of the pipeline comes from a data folder that has no such node any more.</summary>
    private protected abstract ScanEngineException NoNode(DataFolder folder);

    /// <summary>
    /// The node's data, opened at first use; an item that names another data folder opens that one.
    /// </summary>
    private protected IDisposable AdminOfItem()
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
    private protected IDisposable AdminOfItems() => _admin ?? AdminOfItem();

    /// <summary>
    /// Acts on what was gathered of the pipeline's items, by the admin that was opened for them: at their end, and
    /// before an item of another data folder closes this one's.
    /// </summary>
    private protected virtual void Settle()
    {
    }

    private protected sealed override void Finish() => Settle();

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
