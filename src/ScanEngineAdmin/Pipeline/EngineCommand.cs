using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Loading;

namespace ScanEngineAdmin.Pipeline;

/// <summary>A cmdlet that works on an engine's store, on the engine's host.</summary>
public abstract class EngineCommand : ScanEngineCommand
{
    private EngineAdmin? _admin;
    private DataFolder? _openedOn;

    /// <summary>
    /// The engine's data, opened at first use; an item that names another data folder opens that one.
    /// </summary>
    internal EngineAdmin Admin
    {
        get
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
                    _admin.Dispose();
                    _admin = null;
                }
            }

            if (_admin is null)
            {
                if (FolderIsTheItems && !HasEngine)
                {
                    throw NotFound.NodeIn(NodeRole.Engine, folder);
                }

                _admin = EngineAdmin.Open(folder, Stores.Provider);
                _openedOn = folder;
            }

            return _admin;
        }
    }

    /// <summary>The engine's data of the items so far, whatever folder the next one names.</summary>
    internal EngineAdmin OpenedAdmin => _admin ?? Admin;

    /// <summary>As a console's cmdlet does: what was gathered, at the items' end or before another folder's.</summary>
    private protected virtual void Settle()
    {
    }

    private protected sealed override void Finish() => Settle();

    /// <summary>Whether an engine was ever run or set up here. Reading what is not there must not make it.</summary>
    private protected bool HasEngine => Directory.Exists(Folder.Engine);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _admin?.Dispose();
            _admin = null;
        }

        base.Dispose(disposing);
    }
}
