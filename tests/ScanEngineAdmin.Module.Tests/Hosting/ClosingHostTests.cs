using System.Management.Automation;

namespace ScanEngineAdmin.Module.Tests.Hosting;

/// <summary>A host that closes in the middle of a wait: nothing is left that holds a port, a folder or the closing.</summary>
public sealed class ClosingHostTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(1);

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
        const string Poll = "param($Path, $Port) Start-EnginePoller -DataPath $Path -ConsoleAddress 127.0.0.1 -ConsolePort $Port -Wait";
        for (int time = 0; time < 2; time++)
        {
            await CloseInTheMiddleAsync(Poll, new { data.Path, Port = Ports.Free() });
            Assert.Equal("Stopped", shell.Get<string>("param($Path) (Get-EnginePoller -DataPath $Path).State", new { data.Path }));
        }
    }

    [Theory]
    [InlineData("Wait-ScanEngine lab1 -DataPath $Path -Timeout 1h")]
    [InlineData("Start-EngineScan lab1 -DataPath $Path -Target 192.0.2.1 -Port 1 -Wait")]
    public async Task A_wait_for_what_does_not_come_ends_with_its_host(string command)
    {
        using var data = new TemporaryData();
        using var shell = new HostedPowerShell();
        shell.Run("param($Path) Register-ScanEngine -DataPath $Path -Name lab1 -Address 192.0.2.1", new { data.Path });
        await CloseInTheMiddleAsync("param($Path) " + command, new { data.Path });
        Assert.Equal("lab1", shell.Get<string>("param($Path) (Get-ScanEngine -DataPath $Path).Name", new { data.Path }));
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
        shell.InvocationStateChanged += (_, now) => _ = now.InvocationStateInfo.State != PSInvocationState.Running
            && waits.TrySetException(new InvalidOperationException($"It did not wait: {now.InvocationStateInfo.Reason}"));
        IAsyncResult run = shell.BeginInvoke<PSObject, PSObject>(null, output);
        await waits.Task.WaitAsync(Bound);
        await Task.Run(host.Dispose).WaitAsync(Bound);
        Assert.True(run.AsyncWaitHandle.WaitOne(Bound));
        Assert.Throws<PipelineStoppedException>(() => shell.EndInvoke(run));
    }
}
