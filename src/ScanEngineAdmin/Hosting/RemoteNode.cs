namespace ScanEngineAdmin.Hosting;

/// <summary>Stands for a node that another process runs: there is nothing here to wait for or to stop.</summary>
internal sealed class RemoteNode : HostedNode
{
    public RemoteNode()
        : base(new Nothing(), new Nothing(), Task.CompletedTask, new NodeLogTap(null))
    {
    }

    private sealed class Nothing : IAsyncDisposable, IDisposable
    {
        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
