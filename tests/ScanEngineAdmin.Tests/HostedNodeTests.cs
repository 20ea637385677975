using ScanEngineAdmin.Hosting;

namespace ScanEngineAdmin.Tests;

public sealed class HostedNodeTests
{
    [Fact]
    public async Task A_node_that_does_not_stop_leaves_its_log_to_the_next_one()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            string log = Path.Combine(folder, "node.log");
            var node = new Stuck(NodeLogTap.Open(log));

            await Assert.ThrowsAsync<TimeoutException>(node.StopAsync);

            await NodeLogTap.Open(log).DisposeAsync();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private sealed class Stuck(NodeLogTap log) : HostedNode(new Node(), null, Task.CompletedTask, log);

    private sealed class Node : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => ValueTask.FromException(new TimeoutException());
    }
}
