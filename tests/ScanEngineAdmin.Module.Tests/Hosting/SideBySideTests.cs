using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace ScanEngineAdmin.Module.Tests.Hosting;

/// <summary>Several sessions of one process at once: they share the assembly, and so what it keeps.</summary>
[TestClass(DisableParallelization = true)]
public sealed class SideBySideTests
{
    [Fact]
    public async Task Two_runspaces_live_their_stories_at_once()
    {
        await Task.WhenAll(
            Task.Run(() => Live("ConsoleToEngine")),
            Task.Run(() => Live("EngineToConsole")));

        static void Live(string direction)
        {
            using var shell = new HostedPowerShell();
            using var fleet = new HostedFleet(shell, direction);
            fleet.Live(direction).Check();
        }
    }

    [Fact]
    public void What_one_runspace_started_another_one_sees_and_stops()
    {
        using var data = new TemporaryData();
        int port = Ports.Free();
        using var first = new HostedPowerShell();
        using var second = new HostedPowerShell();
        first.Run(
            "param($Path, $Port) $script:console = Start-SecurityConsole -DataPath $Path -Address 127.0.0.1 "
            + "-Port $Port -WarningAction Ignore",
            new { data.Path, Port = port });
        Assert.Equal("Running", second.Get<string>(
            "param($Path) (Get-SecurityConsole -DataPath $Path).State", new { data.Path }));
        second.Run("param($Path) Stop-SecurityConsole -DataPath $Path", new { data.Path });
        Assert.Equal("Stopped", first.Get<string>("$console.State"));
        Assert.True(Ports.IsFree(port));
    }

    [Fact]
    public async Task A_runspace_pool_works_on_one_store()
    {
        using var data = new TemporaryData();
        using RunspacePool pool = RunspaceFactory.CreateRunspacePool(HostedPowerShell.StateWithModule());
        Assert.True(pool.SetMaxRunspaces(4));
        pool.Open();
        string[] names = Enumerable.Range(0, 16).Select(number => $"engine-{number:00}").ToArray();
        await Task.WhenAll(names.Select(async name =>
        {
            using var shell = PowerShell.Create();
            shell.RunspacePool = pool;
            shell.AddScript(
                """
                param($Path, $Name)
                $at = @{ DataPath = $Path }
                Register-ScanEngine -Name $Name -Address 192.0.2.1 @at
                (Get-ScanEngine $Name @at).Name
                """).AddParameter("Path", data.Path).AddParameter("Name", name);
            PSDataCollection<PSObject> seen = await shell.InvokeAsync();
            Assert.Empty(shell.Streams.Error);
            Assert.Equal(name, Assert.Single(seen).ToString());
        }));

        using var after = new HostedPowerShell();
        const string List = "param($Path) Get-ScanEngine -DataPath $Path | ForEach-Object Name";
        Assert.Equal(names, after.Run(List, new { data.Path }).Select(one => one.ToString()));
    }

    [Theory]
    [InlineData("ConsoleToEngine")]
    [InlineData("EngineToConsole")]
    public void Thread_jobs_scan_beside_the_session_that_hosts_the_nodes(string direction)
    {
        using var shell = new HostedPowerShell();
        using var fleet = new HostedFleet(shell, direction);
        // The hosting library has no thread jobs of its own; the official PowerShell brings them.
        string module = Path.Combine(TestMachine.PowerShellHome, "Modules", "Microsoft.PowerShell.ThreadJob");
        Assert.Equal("Completed Completed Completed", shell.Get<string>(
            """
            param($ThreadJob, $Manifest, $Console, $Port)
            Import-Module $ThreadJob
            $jobs = 1..3 | ForEach-Object {
                Start-ThreadJob -ScriptBlock {
                    Import-Module $using:Manifest
                    Start-EngineScan lab1 -Target 127.0.0.1 -Port $using:Port -Wait -DataPath $using:Console
                }
            }
            "$(($jobs | Receive-Job -Wait -AutoRemoveJob).State)"
            """,
            new { ThreadJob = module, TestMachine.Manifest, fleet.Console, Port = Ports.Free() }));
    }

    [Fact]
    public void A_thread_job_that_is_stopped_stops_what_it_holds()
    {
        using var shell = new HostedPowerShell();
        using var data = new TemporaryData();
        int port = Ports.Free();
        string module = Path.Combine(TestMachine.PowerShellHome, "Modules", "Microsoft.PowerShell.ThreadJob");
        Assert.Equal("Listening Stopped", shell.Get<string>(
            """
            param($ThreadJob, $Manifest, $Path, $Port)
            Import-Module $ThreadJob
            $job = Start-ThreadJob -ScriptBlock {
                Import-Module $using:Manifest
                Start-EngineListener -DataPath $using:Path -Address 127.0.0.1 -Port $using:Port -Wait
            }
            while (-not $job.HasMoreData -and $job.State -in 'NotStarted', 'Running') {
                $null = Wait-Job $job -Timeout 1
            }
            $state = (Get-EngineListener -DataPath $Path).State
            Stop-Job $job
            Remove-Job $job
            "$state $((Get-EngineListener -DataPath $Path).State)"
            """,
            new { ThreadJob = module, TestMachine.Manifest, data.Path, Port = port }));
        Assert.True(Ports.IsFree(port));
    }
}
