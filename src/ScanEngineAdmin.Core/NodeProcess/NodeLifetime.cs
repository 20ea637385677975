using System.Diagnostics.CodeAnalysis;
using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.NodeProcess;

/// <summary>
/// The beginning and the end of a running node: the lock of its folder, its entry in the store, its doorbell, its
/// loops. However the node ends, all of them are freed.
/// </summary>
internal abstract class NodeLifetime : IAsyncDisposable
{
    private readonly NodeContext _context;
    private readonly INodeStore _store;
    private readonly FolderLock _lock;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Doorbell? _doorbell;
    private Task _run = Task.CompletedTask;
    private bool _begun;
    private int _disposed;

    internal NodeLifetime(NodeContext context, INodeStore store, FolderLock folderLock)
    {
        _context = context;
        _store = store;
        _lock = folderLock;
    }

    public Fingerprint Fingerprint => _context.Identity.Fingerprint;

    /// <summary>Ends when the node has stopped, for whatever reason; faulted if it could not go on.</summary>
    public Task Completion => _stopped.Task;

    private bool IsConsole => _context.Role == NodeRole.Console;

    private string Kind => IsConsole ? "console" : "engine";

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

        GC.SuppressFinalize(this);
        try
        {
            await CloseEntranceAsync().ConfigureAwait(false);
            await _stop.CancelAsync().ConfigureAwait(false);
            await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_doorbell is not null)
            {
                await _doorbell.DisposeAsync().ConfigureAwait(false);
            }

            await EndAsync().ConfigureAwait(false);
            _store.UpdateNode(node => node.BootId == _context.BootId ? node with { EndPoint = null } : node);
        }
        catch (Exception exception)
        {
            // Whatever it is: the folder is freed, and who waits for the end hears of it.
            _context.Log(
                LogLevel.Warning, exception is ScanEngineException ? Events.StoreFault : Events.StopFault, exception.Message);
        }

        if (_begun)
        {
            _context.Log(
                LogLevel.Information, IsConsole ? Events.ConsoleStopped : Events.EngineStopped, $"The {Kind} has stopped.");
        }

        NodeProxy.Leave(_context.FolderPath);
        _context.Dispose();
        _lock.Dispose();
        _stop.Dispose();
        if (_run.Exception?.InnerException is { } failure)
        {
            _stopped.TrySetException(failure);
        }

        _stopped.TrySetResult();
    }

    /// <summary>Takes the folder, opens its store and begins; a node that cannot begin leaves nothing open.</summary>
    /// <param name="ensure">Makes the folder where it is missing, and names it.</param>
    /// <param name="open">Opens the store in the folder.</param>
    /// <param name="running">The fault when another process holds the folder.</param>
    /// <param name="make">The node over that store; the lock is the node's from then on.</param>
    /// <param name="begin">Opens what has to be open before the node counts as started.</param>
    internal static async Task<TNode> StartAsync<TNode, TStore>(
        Func<string> ensure,
        Func<string, TStore> open,
        FaultCode running,
        Func<string, TStore, FolderLock, TNode> make,
        Func<TNode, Task> begin)
        where TNode : NodeLifetime
        where TStore : INodeStore
    {
        string folder = ensure();
        if (FolderLock.TryTake(folder) is not { } folderLock)
        {
            using TStore held = open(folder);
            throw NodeFaults.AlreadyRunning(running, folder, held.GetNode());
        }

        TStore? store = default;
        TNode? node = null;
        try
        {
            // Only under the lock: an import may have put another store in the place of the one there was.
            store = open(ensure());
            node = make(folder, store, folderLock);
            node._context.Firewall.Provide();
            await begin(node).ConfigureAwait(false);
            return node;
        }
        catch (Exception exception)
        {
            if (node is not null)
            {
                await node.DisposeAsync().ConfigureAwait(false);
            }

            store?.Dispose();
            folderLock.Dispose();
            if (exception is ChannelException fault)
            {
                throw ChannelFaults.ToError(fault);
            }

            throw;
        }
    }

    /// <summary>Enters this node into its store; from then on sessions find it.</summary>
    private protected void Announce(IPEndPoint? endPoint)
    {
        _store.SetNode(new NodeRecord
        {
            BootId = _context.BootId,
            ProcessId = Environment.ProcessId,
            HostedBy = NodeFaults.HostName(),
            EndPoint = endPoint?.ToString(),
            Started = _context.Now,
        });
    }

    /// <summary>Runs from here on until the loop ends or the node is disposed.</summary>
    /// <param name="ring">Called when a session rings.</param>
    /// <param name="loop">Ends when the node was asked to stop.</param>
    /// <param name="upkeep">Runs beside it; a fault of it is no reason to stop.</param>
    /// <param name="endPoint">Where the node listens.</param>
    private protected void Run(
        Action ring, Func<CancellationToken, Task> loop, Func<CancellationToken, Task>? upkeep, IPEndPoint? endPoint)
    {
        _begun = true;
        NodeProxy.Enter(_context.FolderPath, _context.Proxy);
        _doorbell = Doorbell.TryStart(_context.FolderPath, ring, _context.DoorbellFails, _context.DoorbellLacks);
        Task beside = upkeep is null ? Task.CompletedTask : Task.Run(() => upkeep(_stop.Token), CancellationToken.None);
        _run = Task.Run(() => RunAsync(loop, beside), CancellationToken.None);
        string listens = endPoint is null ? string.Empty : $" and listens on {endPoint}";
        string dials = _context.Proxy is { Port: > 0 } proxy ? $" It dials through the HTTP proxy {proxy}." : string.Empty;
        _context.Log(
            LogLevel.Information,
            IsConsole ? Events.ConsoleStarted : Events.EngineStarted,
            $"The {Kind} has started{listens}.{dials}",
            ("endpoint", $"{endPoint}"),
            ("fingerprint", Fingerprint.Hex));
    }

    /// <summary>Closed first: nobody is let in any more while the loops end.</summary>
    private protected virtual ValueTask CloseEntranceAsync() => ValueTask.CompletedTask;

    /// <summary>Ends what the node has open; its loops have ended.</summary>
    private protected abstract Task EndAsync();

    private async Task RunAsync(Func<CancellationToken, Task> loop, Task beside)
    {
        try
        {
            await loop(_stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // It is being disposed.
        }
        finally
        {
            // An admin in another process asked for it, its only round is over, or it cannot go on.
            _ = Task.Run(async () => await DisposeAsync().ConfigureAwait(false));
            await beside.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
