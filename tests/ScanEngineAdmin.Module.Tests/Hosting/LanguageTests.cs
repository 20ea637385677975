using System.Management.Automation;

namespace ScanEngineAdmin.Module.Tests.Hosting;

/// <summary>Sessions that allow less or forgive less.</summary>
[TestClass(DisableParallelization = true)]
public sealed class LanguageTests
{
    [Theory]
    [InlineData("ConsoleToEngine")]
    [InlineData("EngineToConsole")]
    public void A_session_in_constrained_language_does_the_same(string direction)
    {
        using var shell = new HostedPowerShell(language: PSLanguageMode.ConstrainedLanguage);
        Assert.Equal("ConstrainedLanguage", shell.Get<string>("$ExecutionContext.SessionState.LanguageMode"));
        using var fleet = new HostedFleet(shell, direction);
        // The columns that a method of the module draws (the arrow, the ages) stay empty there.
        fleet.Live(direction).Check(arrows: false);
    }

    [Theory]
    [InlineData("ConsoleToEngine")]
    [InlineData("EngineToConsole")]
    public void A_strict_session_that_stops_at_errors_meets_none(string direction)
    {
        using var shell = new HostedPowerShell();
        shell.Run("Set-StrictMode -Version Latest; $ErrorActionPreference = 'Stop'; $WarningPreference = 'Stop'");
        using var fleet = new HostedFleet(shell, direction);
        fleet.Live(direction).Check();
    }

    [Fact]
    public void A_session_that_stops_at_errors_catches_one_by_its_name()
    {
        using var shell = new HostedPowerShell();
        using var data = new TemporaryData();
        using PowerShell catching = shell.Make(
            """
            param($Path)
            Set-StrictMode -Version Latest
            $ErrorActionPreference = 'Stop'
            try { Get-ScanEngineCommunication nowhere -DataPath $Path; 'nothing was caught' }
            catch { ($_.FullyQualifiedErrorId -split ',')[0] + ' ends the pipeline' }
            """,
            new { data.Path });
        Assert.Equal("EngineNotFound ends the pipeline", Assert.Single(catching.Invoke()).ToString());
    }
}
