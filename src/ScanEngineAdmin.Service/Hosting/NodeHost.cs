using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Service.Arguments;

namespace ScanEngineAdmin.Service.Hosting;

/// <summary>
/// A console, an engine or an applier as a process: from its start until it is asked to stop, by a signal, by systemd,
/// by the service manager of Windows, by an admin, or by the end of standard input.
/// </summary>
internal static class NodeHost
{
    // The name of the event log's source, and what a started service is called there.
    private const string Name = "ScanEngineAdmin";

    public delegate Task<TNode> Start<TNode>(DataFolder folder, IStoreProvider stores, NodeLog log);

    public static async Task<int> RunAsync<TNode>(
        NodeSettings settings, Start<TNode> start, Func<TNode, Task> completion)
        where TNode : class, IAsyncDisposable
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings
        {
            ApplicationName = Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        HostLog.Add(builder.Logging, settings.LogFile);
        builder.Services.AddWindowsService();
        builder.Services.AddSingleton(TimeProvider.System);

        // Before the node: what it does first is measured too, and a port that is taken is said before it starts.
        HostTelemetry.Add(builder, settings.Metrics, settings.Otlp);
        builder.Services.AddSingleton(new NodeStart<TNode>(settings.Data, start, completion));
        builder.Services.AddSingleton<NodeService<TNode>>();
        builder.Services.AddHostedService(static services => services.GetRequiredService<NodeService<TNode>>());
        SystemdWatchdog.Add(builder.Services);
        if (settings.StopWithStdin)
        {
            builder.Services.AddHostedService<StandardInputWatch>();
        }

        using IHost host = builder.Build();
        NodeService<TNode> node = host.Services.GetRequiredService<NodeService<TNode>>();
        try
        {
            await host.RunAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (node.StopWasAsked)
        {
            // Asked to stop before it had started.
        }

        return await node.ExitAsync().ConfigureAwait(false);
    }
}
