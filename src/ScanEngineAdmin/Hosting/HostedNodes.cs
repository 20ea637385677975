namespace ScanEngineAdmin.Hosting;

/// <summary>
/// The nodes that run in this process, one per folder: Start-EngineListener and Start-EnginePoller on one data folder
/// share one engine.
/// </summary>
internal sealed class HostedNodes
{
    private readonly Dictionary<string, HostedNode> _nodes = new(
        OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);

    private readonly Dictionary<string, Task> _starting = new(
        OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);

    /// <summary>The node that runs in this process on that folder, if one does.</summary>
    public HostedNode? Find(string folder)
    {
        lock (_nodes)
        {
            return _nodes.TryGetValue(Path.GetFullPath(folder), out HostedNode? node) && !node.Ended
                ? node
                : null;
        }
    }

    /// <summary>The node on that folder, started if none runs here; Started tells which.</summary>
    public async Task<(HostedNode Node, bool Started)> FindOrStartAsync(
        string folder, Func<CancellationToken, Task<HostedNode>> start, CancellationToken cancellationToken)
    {
        string key = Path.GetFullPath(folder);
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        while (Begin(key, turn) is { } other)
        {
            // Two runspaces start at once: the second shares what the first makes.
            await other.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        try
        {
            if (Find(key) is { } running)
            {
                return (running, false);
            }

            if (Take(key) is { } ending)
            {
                // The folder is free only when the node has ended. Whoever stopped the node has heard how it ended.
                await ending.StopAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            HostedNode node = await start(cancellationToken).ConfigureAwait(false);
            lock (_nodes)
            {
                _nodes[key] = node;
            }

            return (node, true);
        }
        finally
        {
            lock (_nodes)
            {
                _starting.Remove(key);
            }

            turn.SetResult();
        }
    }

    /// <summary>Stops all: the module goes.</summary>
    public Task StopAllAsync()
    {
        lock (_nodes)
        {
            Task[] stops = _nodes.Values.Select(node => node.StopAsync()).ToArray();
            _nodes.Clear();
            return Task.WhenAll(stops);
        }
    }

    /// <summary>Takes the turn to start on that folder; else the start that is under way.</summary>
    private Task? Begin(string key, TaskCompletionSource turn)
    {
        lock (_nodes)
        {
            return _starting.TryAdd(key, turn.Task) ? null : _starting[key];
        }
    }

    private HostedNode? Take(string key)
    {
        lock (_nodes)
        {
            return _nodes.Remove(key, out HostedNode? node) ? node : null;
        }
    }
}
