using System.Management.Automation;

namespace ScanEngineAdmin.Module.Tests.Hosting;

/// <summary>
/// A host that closes in the middle of a wait: nothing is left that holds a port, a folder or the closing.
/// </summary>
[TestClass(DisableParallelization = true)]
public sealed class ClosingHostTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    [Theory]
    [InlineData("Start-SecurityConsole -DataPath $Path -Address 127.0.0.1 -Port $Port -Wait")]
    [InlineData("Start-EngineListener -DataPath $Path -Address 127.0.0.1 -Port $Port -Wait")]
    public async Task A_node_that_is_waited_for_ends_with_its_host(string command)
    {
        using var data = new TemporaryData();
        int port = Ports.Free();
        for (int time = 0; time < 2; time++)
        {
            await CloseInTheMiddleAsync("param($Path, $Port) " + command, new { data.Path, Port = port });
            Assert.True(Ports.IsFree(port));
        }
    }

    [Fact]
    public async Task A_poller_that_is_waited_for_ends_with_its_host()
    {
        using var data = new TemporaryData();
        using var shell = new HostedPowerShell();
        const string Poll =
            "param($Path, $Port) Start-EnginePoller -DataPath $Path -ConsoleAddress 127.0.0.1 -ConsolePort $Port -Wait";
        int port = Ports.Free();
        for (int time = 0; time < 2; time++)
        {
            await CloseInTheMiddleAsync(Poll, new { data.Path, Port = port });
            Assert.Equal("Stopped", shell.Get<string>(
                "param($Path) (Get-EnginePoller -DataPath $Path).State", new { data.Path }));
        }
    }

    [Fact]
    public async Task A_wait_for_an_engine_that_does_not_come_ends_with_its_host()
    {
        using var data = new TemporaryData();
        using var shell = new HostedPowerShell();
        shell.Run("param($Path) Register-ScanEngine -DataPath $Path -Name lab1 -Address 192.0.2.1", new { data.Path });
        await CloseInTheMiddleAsync("param($Path) Wait-ScanEngine lab1 -DataPath $Path -Timeout 1h", new { data.Path });
        Assert.Equal("lab1", shell.Get<string>(
            "param($Path) (Get-ScanEngine -DataPath $Path).Name", new { data.Path }));
    }

    [Theory]
    [InlineData("ConsoleToEngine")]
    [InlineData("EngineToConsole")]
    public async Task A_wait_for_a_scan_ends_with_its_host_and_the_scan_stays_queued(string direction)
    {
        using var shell = new HostedPowerShell();
        using var fleet = new HostedFleet(shell, direction);
        shell.Run("param($Engine) Stop-EngineListener -DataPath $Engine", new { fleet.Engine });
        await CloseInTheMiddleAsync(
            "param($Console) Start-EngineScan lab1 -DataPath $Console -Target 127.0.0.1 -Port 1 -Wait",
            new { fleet.Console });
        Assert.Equal(1, shell.Get<int>(
            "param($Console) @(Get-EngineScan -DataPath $Console -State Queued).Count", new { fleet.Console }));
    }

    // Closes when the command has got where it waits: it has emitted its handle, or shows how far it is. A command that
    // ended before did not wait, and fails the test.
    private static async Task CloseInTheMiddleAsync(string script, object parameters)
    {
        using var host = new HostedPowerShell();
        using PowerShell shell = host.Make(script, parameters);
        var output = new PSDataCollection<PSObject>();
        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        output.DataAdded += (_, _) => waits.TrySetResult();
        shell.Streams.Progress.DataAdded += (_, _) => waits.TrySetResult();
        shell.InvocationStateChanged += (_, now) => _ =
            now.InvocationStateInfo is { State: not PSInvocationState.Running } end
            && waits.TrySetException(new InvalidOperationException($"It did not wait: {end.Reason}"));
        IAsyncResult run = shell.BeginInvoke<PSObject, PSObject>(null, output);
        await waits.Task.WaitAsync(Bound);
        await Task.Run(host.Dispose).WaitAsync(Bound);
        Assert.True(run.AsyncWaitHandle.WaitOne(Bound));
        Assert.Throws<PipelineStoppedException>(() => shell.EndInvoke(run));
    }
}
