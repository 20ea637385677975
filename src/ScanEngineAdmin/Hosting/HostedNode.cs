using ScanEngineAdmin.Domain.Faults;


namespace ScanEngineAdmin.Hosting;

/// <summary>A console or engine that runs in this process. Stopping it twice, from anywhere, is one stop.</summary>
internal abstract class HostedNode
{
    // What a node's goodbyes may take at most; Core bounds them below this.
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);
    private readonly Lazy<Task> _stop;

    protected HostedNode(IAsyncDisposable node, IDisposable? admin, Task completion, NodeLogTap log)
    {
        Completion = completion;
        Log = log;
        _stop = new Lazy<Task>(() => Task.Run(async () =>
        {
            Stopping = true;
            try
            {
                await node.DisposeAsync().AsTask().WaitAsync(StopLimit).ConfigureAwait(false);
            }
            finally
            {
                // A node that did not stop in its time leaves the log's file to the next one all the same.
                await log.DisposeAsync().ConfigureAwait(false);
                admin?.Dispose();
            }
        }));
    }

    /// <summary>Ends with the node; faulted if it could not go on.</summary>
    public Task Completion { get; }

    public NodeLogTap Log { get; }

    public bool Stopping { get; private set; }

    /// <summary>Whether nothing of it runs any more.</summary>
    public bool Ended => Stopping || Completion.IsCompleted;

    public Exception? Fault => Completion.IsFaulted ? Completion.Exception!.GetBaseException() : null;

    /// <summary>Opens the log and starts a node in it; where either fails nothing of them is left.</summary>
    protected static async Task<HostedNode> StartAsync<TNode>(
        string? logPath, Func<NodeLogTap, Task<TNode>> start, Func<TNode, NodeLogTap, HostedNode> host)
        where TNode : class, IAsyncDisposable
    {
        NodeLogTap log = NodeLogTap.Open(logPath);
        TNode? node = null;
        try
        {
            node = await start(log).ConfigureAwait(false);
            return host(node, log);
        }
        catch
        {
            if (node is not null)
            {
                await node.DisposeAsync().ConfigureAwait(false);
            }

            await log.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops the node (bounded) and frees its port and folder.</summary>
    public Task StopAsync() => _stop.Value;

    /// <summary>The same, for somebody who waits no longer than that.</summary>
    public async Task<bool> StopAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            await StopAsync().WaitAsync(timeout, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            throw new ScanEngineException(
                FaultCode.TimedOut,
                $"The node did not stop within {timeout.TotalSeconds:0.#} s.",
                "Ask again with a longer -Timeout, or end this PowerShell process.");
        }
    }
}
