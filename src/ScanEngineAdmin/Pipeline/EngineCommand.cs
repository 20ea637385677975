using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Core.Nodes;
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
            if (_admin is null || !ReferenceEquals(folder, _openedOn))
            {
                _admin?.Dispose();
                _admin = null;
                _admin = EngineAdmin.Open(folder, Stores.Provider);
                _openedOn = folder;
            }

            return _admin;
        }
    }

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
