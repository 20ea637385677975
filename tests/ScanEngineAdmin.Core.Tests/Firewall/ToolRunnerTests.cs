using ScanEngineAdmin.Core.Tests.Firewall.Applying;
using ScanEngineAdmin.Firewall.Tools;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall;

/// <summary>The applier runs the host's tools for as long as the host lives.</summary>
[Trait("Speed", "Slow")]
[Collection(nameof(Alone))]
public sealed class ToolRunnerTests
{
    [Fact, NeedsFilter(FilterKind.Nftables)]
    public async Task Two_hundred_runs_leave_no_pipe_open()
    {
        const int Runs = 200;
        int before = Pipes();
        int most = before;
        for (int run = 0; run < Runs; run++)
        {
            Assert.True((await ToolRunner.RunAsync(new ToolCall("true", []), CancellationToken.None)).Succeeded);
            most = Math.Max(most, Pipes());
        }

        // Two a run would be four hundred; the nodes of tests before this one may still hold a few.
        Assert.True(most - before < Runs / 2, $"{before} pipes before, {most} at the most.");
    }

    [Fact, NeedsLinux]
    public async Task A_call_has_its_own_time_where_it_says_one()
    {
        var call = new ToolCall("sleep", ["60"]) { Limit = TimeSpan.FromMilliseconds(100) };

        ToolResult result = await ToolRunner.RunAsync(call, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.False(result.Succeeded);
        Assert.StartsWith("sleep did not end within", result.Output, StringComparison.Ordinal);
    }

    private static int Pipes() => Directory.GetFiles("/proc/self/fd").Count(
        static fd => new FileInfo(fd).LinkTarget?.StartsWith("pipe:", StringComparison.Ordinal) == true);
}
