using System.Net;
using ScanEngineAdmin.Core.NodeProcess;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>
/// A running Scan Engine: for every pairing it listens or polls as that pairing's direction says, both while a change
/// is in doubt. One per data folder.
/// </summary>
internal sealed class EngineNode : NodeLifetime
{
    private readonly EngineContext _context;

    private EngineNode(EngineContext context, FolderLock folderLock)
        : base(context, context.Store, folderLock)
    {
        _context = context;
        Links = new ConsoleLinks(context);
    }

    /// <summary>Where it listens now; null while no pairing asks for it.</summary>
    public IPEndPoint? EndPoint => Links.EndPoint;

    /// <summary>What it has to each of its consoles.</summary>
    internal ConsoleLinks Links { get; }

    /// <exception cref="ScanEngineException">EngineAlreadyRunning, PortInUse, AddressNotAvailable, the store's, the
    /// key's.</exception>
    public static async Task<EngineNode> StartAsync(
        DataFolder folder,
        IStoreProvider stores,
        EngineNodeOptions options,
        NodeLog log,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(stores);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(log);
        FolderAccess.RequireOwner(folder.Engine);
        options = options with { Channel = NodeProxy.Complete(options.Channel) };
        var lines = new BoundedLog(log, options.Channel.Time);
        return await StartAsync(
            folder.EnsureEngine,
            stores.OpenEngine,
            FaultCode.EngineAlreadyRunning,
            (path, store, held) => new EngineNode(new EngineContext(path, store, options, lines), held),
            node => node.OpenAsync(cancellationToken)).ConfigureAwait(false);
    }

    private protected override async Task EndAsync()
    {
        await _context.Scans.DisposeAsync().ConfigureAwait(false);
        await Links.DisposeAsync().ConfigureAwait(false);
        foreach (ConsoleRecord console in _context.Store.ListConsoles().Where(console => console.Connected))
        {
            _context.Store.UpdateConsole(console.PairingId, current => current with { Connected = false });
        }
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        Announce(endPoint: null);
        await Links.OpenAsync(cancellationToken).ConfigureAwait(false);
        _context.Scans.Resume();
        Run(Links.Wake, FollowAsync, _context.Upkeep.RunAsync, EndPoint);
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await Links.RunAsync(cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (ScanEngineException exception)
                when (!_context.Options.Once && exception.Code != FaultCode.DataFolderReplaced)
            {
                // A store that is locked now may answer in a moment; what is open stays open.
                _context.Log(LogLevel.Error, Events.StoreFault, $"{exception.Message} {exception.Recommendation}");
                await Task.Delay(_context.Options.StoreCheck, _context.Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
