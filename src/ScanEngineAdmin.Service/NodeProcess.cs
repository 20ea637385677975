using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage;

namespace ScanEngineAdmin.Service;

/// <summary>A console, an engine or an applier as a process: from its start until it is asked to stop.</summary>
internal static class NodeProcess
{
    public delegate Task<TNode> Start<TNode>(DataFolder folder, IStoreProvider stores, NodeLog log);

    public static async Task<int> RunAsync<TNode>(
        HostArguments arguments, Start<TNode> start, Func<TNode, Task> completion)
        where TNode : IAsyncDisposable
    {
        using var stop = new StopSignal(arguments.StopWithStdin);
        TNode node = await start(
            DataFolder.Resolve(arguments.Data), new SqliteStoreProvider(), new JsonLog(Console.Out).Write)
            .ConfigureAwait(false);
        await using (node.ConfigureAwait(false))
        {
            await Task.WhenAny(stop.Asked, completion(node)).ConfigureAwait(false);
        }

        return await ExitCode.OfAsync(completion(node)).ConfigureAwait(false);
    }
}
