using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Running;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Console;

/// <summary>A running Security Console: listener, dialler, dispatcher. One per data folder.</summary>
public sealed class ConsoleNode : IAsyncDisposable
{
    private readonly DataFolder _folder;
    private readonly FolderLock _lock;
    private readonly ConsoleContext _context;
    private readonly EngineLinks _supervisor;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ChannelListener? _listener;
    private Doorbell? _doorbell;
    private Task _run = Task.CompletedTask;
    private int _disposed;

    private ConsoleNode(DataFolder folder, FolderLock folderLock, ConsoleContext context)
    {
        _folder = folder;
        _lock = folderLock;
        _context = context;
        _supervisor = new EngineLinks(context);
    }

    public IPEndPoint EndPoint => _listener!.EndPoint;

    public Fingerprint Fingerprint => _context.Identity.Fingerprint;

    public Guid ConsoleId => _context.ConsoleId;

    /// <summary>Ends when the node has stopped, for whatever reason; faulted if it could not go on.</summary>
    public Task Completion => _stopped.Task;

    /// <summary>Whether a channel to that engine is open; one that has just broken counts until that is seen.</summary>
    internal bool IsConnected(Guid pairingId) => _supervisor.Find(pairingId)?.Channels.Any ?? false;

    /// <exception cref="ScanEngineException">ConsoleAlreadyRunning, PortInUse, AddressNotAvailable, the store's, the
    /// key's.</exception>
    public static async Task<ConsoleNode> StartAsync(
        DataFolder folder,
        IStoreProvider stores,
        ConsoleNodeOptions options,
        NodeLog log,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(stores);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(log);
        options = options.AdvertisedAddress is { } advertised
            ? options with { AdvertisedAddress = DialAddress.Validate(advertised) }
            : options;
        cancellationToken.ThrowIfCancellationRequested();
        FolderAccess.RequireOwner(folder.Console);
        string path = folder.EnsureConsole();
        if (FolderLock.TryTake(path) is not { } folderLock)
        {
            using IConsoleStore held = stores.OpenConsole(path);
            throw NodeFaults.AlreadyRunning(FaultCode.ConsoleAlreadyRunning, "console", path, held.GetNode());
        }

        IConsoleStore store;
        try
        {
            // Only under the lock: an import may have put another store in the place of the one there was.
            store = stores.OpenConsole(folder.EnsureConsole());
        }
        catch
        {
            folderLock.Dispose();
            throw;
        }

        ConsoleContext? context = null;
        ConsoleNode? node = null;
        try
        {
            (Guid consoleId, NodeCertificate certificate) = NodeCertificate.Load(path, store, options.Channel.Time);
            var runtime = new ChannelRuntime(options.Channel);
            ConsoleContext? made = null;
            context = made = new ConsoleContext(store, consoleId, certificate, options, new BoundedLog(log, options.Channel.Time))
            {
                Folder = new FolderWatch(path),
                Runtime = runtime,
                Dialer = new ChannelDialer(certificate.Keys.Present, runtime),
                Contacts = new ContactWriter(store, options.Channel.Time),
                Reachability = new ReachabilityHandler(
                    NodeRole.Console, () => made?.Listener, new FirewallTester(options.Channel.Time),
                    options.Channel.Time),
                Firewall = new FirewallApplierClient(store, path, options.Channel.Time),
                Upkeep = new StoreUpkeep(
                    store, options.Channel.Time, (level, name, text) => made?.Told(level, name, text))
                {
                    Retire = new ScanRetention(store, options.Channel.Time, entry => made?.Log(
                        LogLevel.Information, entry.Event, entry.Detail, ("engine", entry.Subject))).Step,
                },
            };
            context.Firewall.Provide();
            node = new ConsoleNode(folder, folderLock, context);
            node.Open();
            return node;
        }
        catch (Exception exception)
        {
            if (node?._listener is { } listener)
            {
                await listener.DisposeAsync().ConfigureAwait(false);
            }

            if (node is not null)
            {
                await node._supervisor.DisposeAsync().ConfigureAwait(false);
            }

            context?.Dispose();
            store.Dispose();
            folderLock.Dispose();
            if (exception is ChannelException fault)
            {
                throw ChannelFaults.ToError(fault);
            }

            throw;
        }
    }

    /// <summary>Says goodbye on every channel (bounded), frees the port and the folder.</summary>
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

        try
        {
            await _listener!.DisposeAsync().ConfigureAwait(false);
            await _stop.CancelAsync().ConfigureAwait(false);
            await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_doorbell is not null)
            {
                await _doorbell.DisposeAsync().ConfigureAwait(false);
            }

            await _supervisor.DisposeAsync().ConfigureAwait(false);
            _context.Contacts.Flush();
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

        _context.Log(LogLevel.Information, Events.ConsoleStopped, "The console has stopped.");
        _context.Dispose();
        _lock.Dispose();
        _stop.Dispose();
        if (_run.Exception?.InnerException is { } failure)
        {
            _stopped.TrySetException(failure);
        }

        _stopped.TrySetResult();
    }

    private void Open()
    {
        var admission = new ConsoleAdmission(_context, _supervisor);
        _listener = ChannelListener.Start(
            _context.Options.Listen, _context.Certificate.Keys, _context.Runtime, admission.DecideAsync);
        _listener.HandshakeFailed = admission.Failed;
        _context.Listener = _listener;
        _context.ListenPort = _listener.EndPoint.Port;
        _context.Store.SetNode(new NodeRecord
        {
            BootId = _context.BootId,
            ProcessId = Environment.ProcessId,
            HostedBy = NodeFaults.HostName(),
            EndPoint = _listener.EndPoint.ToString(),
            Started = _context.Now,
        });
        _context.Store.SetSetting(
            ConsoleSettings.ListenPort, _context.ListenPort.ToString(CultureInfo.InvariantCulture));
        if (_context.Options.AdvertisedAddress is { } advertised)
        {
            _context.Store.SetSetting(ConsoleSettings.AdvertisedAddress, advertised);
        }

        if (_context.Options.KeepScans is { } keep)
        {
            _context.Store.SetSetting(ConsoleSettings.KeepScans, keep.ToString("c", CultureInfo.InvariantCulture));
        }

        _doorbell = Doorbell.TryStart(
            _folder.Console, _supervisor.Ring, _context.DoorbellFails, _context.DoorbellLacks);
        _run = Task.Run(RunAsync);
        _context.Log(
            LogLevel.Information,
            Events.ConsoleStarted,
            $"The console listens on {_listener.EndPoint}.",
            ("endpoint", _listener.EndPoint.ToString()),
            ("fingerprint", Fingerprint.Hex));
    }

    private async Task RunAsync()
    {
        try
        {
            await _supervisor.RunAsync(_stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // It is being disposed.
        }
        finally
        {
            // An admin in another process asked for it, or it cannot go on.
            _ = Task.Run(async () => await DisposeAsync().ConfigureAwait(false));
        }
    }
}
