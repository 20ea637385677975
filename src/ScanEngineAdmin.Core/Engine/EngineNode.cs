using System.Diagnostics.CodeAnalysis;
using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Running;
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
public sealed class EngineNode : IAsyncDisposable
{
    private readonly DataFolder _folder;
    private readonly FolderLock _lock;
    private readonly EngineContext _context;
    private readonly ConsoleLinks _ways;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Doorbell? _doorbell;
    private Task _run = Task.CompletedTask;
    private Task _upkeep = Task.CompletedTask;
    private int _disposed;

    private EngineNode(DataFolder folder, FolderLock folderLock, EngineContext context)
    {
        _folder = folder;
        _lock = folderLock;
        _context = context;
        _ways = new ConsoleLinks(context);
    }

    /// <summary>Where it listens now; null while no pairing asks for it.</summary>
    public IPEndPoint? EndPoint => _ways.EndPoint;

    public Fingerprint Fingerprint => _context.Identity.Fingerprint;

    public Guid EngineId => _context.EngineId;

    /// <summary>Scans that run here for one console now.</summary>
    internal int CountScans(Guid pairingId) => _context.Scans.Runs.Count(pairingId);

    /// <summary>Ends when the node has stopped; faulted when a single round failed.</summary>
    public Task Completion => _stopped.Task;

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
        string path = folder.EnsureEngine();
        IEngineStore store = stores.OpenEngine(path);
        FolderLock? folderLock = FolderLock.TryTake(path);
        if (folderLock is null)
        {
            NodeRecord? holder = store.GetNode();
            store.Dispose();
            throw NodeFaults.AlreadyRunning(FaultCode.EngineAlreadyRunning, "engine", path, holder);
        }

        EngineContext? context = null;
        EngineNode? node = null;
        try
        {
            (Guid engineId, NodeCertificate certificate) = NodeCertificate.Load(path, store, options.Channel.Time);
            options = options with
            {
                Channel = options.Channel with { Proxy = options.Channel.Proxy ?? NodeProxy.FromEnvironment() },
            };
            var runtime = new ChannelRuntime(options.Channel);
            EngineContext? made = null;
            var lines = new BoundedLog(log, options.Channel.Time);
            context = made = new EngineContext(store, engineId, certificate, options, lines)
            {
                Folder = new FolderWatch(path),
                Runtime = runtime,
                Dialer = new ChannelDialer(certificate.Keys.Present, runtime),
                Scans = new EngineScans(store, options, lines),
                Reachability = new ReachabilityHandler(
                    NodeRole.Engine, () => made?.Listener, new FirewallTester(options.Channel.Time),
                    options.Channel.Time),
                Firewall = new FirewallApplierClient(store, path, options.Channel.Time),
            };
            context.Firewall.Provide();
            node = new EngineNode(folder, folderLock, context);
            await node.OpenAsync(cancellationToken).ConfigureAwait(false);
            return node;
        }
        catch
        {
            if (node is not null)
            {
                await node._ways.DisposeAsync().ConfigureAwait(false);
                await context!.Scans.DisposeAsync().ConfigureAwait(false);
            }

            context?.Dispose();
            store.Dispose();
            folderLock.Dispose();
            throw;
        }
    }

    [SuppressMessage(
        "Design",
        "CA1031:Do not catch general exception types",
        Justification = "A node that cannot end hangs its host.")]
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            await _stopped.Task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _upkeep.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            if (_doorbell is not null)
            {
                await _doorbell.DisposeAsync().ConfigureAwait(false);
            }

            await _context.Scans.DisposeAsync().ConfigureAwait(false);
            await _ways.DisposeAsync().ConfigureAwait(false);
            foreach (ConsoleRecord console in _context.Store.ListConsoles().Where(console => console.Connected))
            {
                _context.Store.UpdateConsole(console.PairingId, current => current with { Connected = false });
            }

            _context.Store.UpdateNode(node => node.BootId == _context.BootId ? node with { EndPoint = null } : node);
        }
        catch (Exception exception)
        {
            // Whatever it is: the folder is freed, and who waits for the end hears of it.
            _context.Log(
                LogLevel.Warning,
                exception is ScanEngineException ? Events.StoreFault : Events.StopFault,
                exception.Message);
        }

        _context.Log(LogLevel.Information, Events.EngineStopped, "The engine has stopped.");
        _context.Dispose();
        _lock.Dispose();
        _stop.Dispose();
        if (_run.Exception?.InnerException is { } failure)
        {
            _stopped.TrySetException(failure);
        }

        _stopped.TrySetResult();
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        _context.Store.SetNode(new NodeRecord
        {
            BootId = _context.BootId,
            ProcessId = Environment.ProcessId,
            HostedBy = NodeFaults.HostName(),
            Started = _context.Now,
        });
        await _ways.OpenAsync(cancellationToken).ConfigureAwait(false);
        _context.Scans.Resume();
        _doorbell = Doorbell.TryStart(
            _folder.Engine, _ways.Wake, _context.DoorbellFails, _context.DoorbellLacks);
        _run = Task.Run(RunAsync, CancellationToken.None);
        var upkeep = new StoreUpkeep(_context.Store, _context.Time, _context.Told);
        _upkeep = Task.Run(() => upkeep.RunAsync(_stop.Token), CancellationToken.None);
        _context.Log(
            LogLevel.Information,
            Events.EngineStarted,
            EndPoint is null ? "The engine has started." : $"The engine has started and listens on {EndPoint}.",
            ("fingerprint", Fingerprint.Hex));
    }

    private async Task RunAsync()
    {
        try
        {
            await FollowAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return;
        }
        finally
        {
            // An admin in another process asked for it, or the single round is over.
            _ = Task.Run(async () => await DisposeAsync().ConfigureAwait(false));
        }
    }

    private async Task FollowAsync()
    {
        while (true)
        {
            try
            {
                await _ways.RunAsync(_stop.Token).ConfigureAwait(false);
                return;
            }
            catch (ScanEngineException exception)
                when (!_context.Options.Once && exception.Code != FaultCode.DataFolderReplaced)
            {
                // A store that is locked now may answer in a moment; what is open stays open.
                _context.Log(LogLevel.Error, Events.StoreFault, $"{exception.Message} {exception.Recommendation}");
                await Task.Delay(_context.Options.StoreCheck, _context.Time, _stop.Token).ConfigureAwait(false);
            }
        }
    }
}
