using System.ServiceProcess;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Storage;

namespace ScanEngineAdmin.Service.Hosting;

/// <summary>One node in its host: ends the host when the node ends, and the node when the host ends.</summary>
internal sealed class NodeService<TNode>(
    NodeStart<TNode> start, IHostApplicationLifetime lifetime, IHostLifetime manager, ILoggerFactory loggers)
    : IHostedService, IAsyncDisposable, IDisposable
    where TNode : class, IAsyncDisposable
{
    private TNode? _node;
    private Task _completion = Task.CompletedTask;

    public bool StopWasAsked => lifetime.ApplicationStopping.IsCancellationRequested;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        ILogger logger = loggers.CreateLogger(nameof(ScanEngineAdmin));
        _node = await start.StartAsync(
            DataFolder.Resolve(start.Data), new SqliteStoreProvider(), entry => HostLog.Write(logger, entry))
            .ConfigureAwait(false);
        _completion = start.Completion(_node);
        _ = _completion.ContinueWith(
            ended =>
            {
                // The service manager of Windows starts again what has failed, and not what has stopped.
                if (OperatingSystem.IsWindows() && ended.IsFaulted && manager is ServiceBase service)
                {
                    service.ExitCode = ExitCode.Failed;
                }

                lifetime.StopApplication();
            },
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default);
    }

    // No token: a node says goodbye on its channels, within bounds of its own.
    public async Task StopAsync(CancellationToken cancellationToken) => await DisposeAsync().ConfigureAwait(false);

    public Task<int> ExitAsync() => ExitCode.OfAsync(_completion);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _node, null) is { } node)
        {
            await node.DisposeAsync().ConfigureAwait(false);
        }
    }

    // The host's container disposes so what it made, in its own disposal; by then the node has been stopped.
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
}
