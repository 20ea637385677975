using System.Collections.Concurrent;
using System.Management.Automation;

namespace ScanEngineAdmin.Pipeline;

/// <summary>
/// Runs asynchronous work on the pool while the pipeline's thread, and only it, writes what the work has to say.
/// However it ends (done, Ctrl+C, a downstream that has enough or fails: then a write throws), the work is cancelled
/// and awaited before the cmdlet returns, so nothing outlives it and its ports are free.
/// </summary>
internal static class PipelinePump
{
    private const int Capacity = 64;

    // How long cancelled work may take to clear up. Core bounds its own goodbyes well below this.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static T Run<T>(
        Cmdlet cmdlet, Func<PipelineWriter, CancellationToken, Task<T>> work, CancellationToken stop)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var queue = new BlockingCollection<Action<Cmdlet>>(Capacity);
        CancellationToken overToken = over.Token;
        Task<T> task = Task.Run(() => WorkAsync(work, queue, overToken), CancellationToken.None);
        try
        {
            foreach (Action<Cmdlet> write in queue.GetConsumingEnumerable(stop))
            {
                write(cmdlet);
            }

            // The queue is complete, so the work has ended: this does not wait.
            return task.GetAwaiter().GetResult();
        }
        finally
        {
            over.Cancel();
            if (Task.WaitAny([task], Patience) == 0)
            {
                queue.Dispose();
                _ = task.Exception;
            }
        }
    }

    private static async Task<T> WorkAsync<T>(
        Func<PipelineWriter, CancellationToken, Task<T>> work,
        BlockingCollection<Action<Cmdlet>> queue,
        CancellationToken over)
    {
        try
        {
            return await work(new QueuedWriter(queue, over), over).ConfigureAwait(false);
        }
        finally
        {
            queue.CompleteAdding();
        }
    }
}
