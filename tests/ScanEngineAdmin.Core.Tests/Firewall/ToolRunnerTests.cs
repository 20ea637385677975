using ScanEngineAdmin.Core.Tests.Firewall.Applying;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Core.Tests.Firewall;

/// <summary>The applier runs the host's tools for as long as the host lives.</summary>
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

        // Tests beside this one have pipes too; two a run would be four hundred.
        Assert.True(most - before < Runs / 2, $"{before} pipes before, {most} at the most.");
    }

    private static int Pipes() => Directory.GetFiles("/proc/self/fd").Count(
        static fd => new FileInfo(fd).LinkTarget?.StartsWith("pipe:", StringComparison.Ordinal) == true);
}
