using System.Management.Automation;

namespace ScanEngineAdmin.Module.Tests.Hosting;

/// <summary>A host without a user interface: nothing asks, nothing hangs, nothing fails for want of a screen.</summary>
[TestClass(DisableParallelization = true)]
public sealed class UnattendedTests
{
    [Theory]
    [InlineData("ConsoleToEngine")]
    [InlineData("EngineToConsole")]
    public void A_host_without_a_user_interface_does_everything(string direction)
    {
        using var shell = new HostedPowerShell(new HostWithoutUi());
        shell.Run("$VerbosePreference = $DebugPreference = $InformationPreference = 'Continue'");
        using var fleet = new HostedFleet(shell, direction);
        fleet.Live(direction).Check();
    }

    [Fact]
    public void What_has_to_be_confirmed_is_not_done_and_says_so_and_is_done_when_it_need_not_be()
    {
        using var shell = new HostedPowerShell(new HostWithoutUi());
        using var data = new TemporaryData();
        shell.Run("param($Path) Register-ScanEngine -DataPath $Path -Name lab1 -Address 192.0.2.1", new { data.Path });
        const string Remove = "param($Path) Unregister-ScanEngine -DataPath $Path -Name lab1";
        using (PowerShell asking = shell.Make(Remove, new { data.Path }))
        {
            asking.Invoke();
            Assert.NotEmpty(asking.Streams.Error);
        }

        const string Count = "param($Path) @(Get-ScanEngine -DataPath $Path).Count";
        Assert.Equal(1, shell.Get<int>(Count, new { data.Path }));
        shell.Run(Remove + " -Confirm:$false", new { data.Path });
        Assert.Equal(0, shell.Get<int>(Count, new { data.Path }));
    }
}
