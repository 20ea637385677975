using System.Globalization;
using System.Management.Automation;

namespace ScanEngineAdmin.Module.Tests.Hosting;

/// <summary>
/// A host whose culture has another calendar, other digits, another minus, a dotless i or reads from the right.
/// </summary>
[TestClass(DisableParallelization = true)]
public sealed class CultureTests
{
    public CultureTests() => Assert.SkipUnless(
        new CultureInfo("th-TH").Calendar is ThaiBuddhistCalendar, "needs ICU: there are no cultures here");

    public static TheoryData<string, string> Cultures()
    {
        var data = new TheoryData<string, string>();
        foreach (string culture in (string[])["ar-SA", "fa-IR", "th-TH", "tr-TR", "he-IL", "sv-SE", "de-DE"])
        {
            data.Add(culture, "ConsoleToEngine");
            data.Add(culture, "EngineToConsole");
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cultures))]
    public void Everything_works_and_what_machines_read_is_the_same_in(string culture, string direction)
    {
        using var there = new CultureScope(culture);
        using var shell = new HostedPowerShell();
        Assert.Equal(culture, shell.Get<string>("[cultureinfo]::CurrentCulture.Name"));
        using var fleet = new HostedFleet(shell, direction);
        fleet.Live(direction).Check();
    }

    [Theory]
    [InlineData("sv-SE")]
    [InlineData("fa-IR")]
    [InlineData("tr-TR")]
    [InlineData("de-DE")]
    public void Input_is_read_as_everywhere_in(string culture)
    {
        using var there = new CultureScope(culture);
        using var shell = new HostedPowerShell();
        using var data = new TemporaryData();
        PSObject engine = shell.Run(
            """
            param($Path)
            Register-ScanEngine -DataPath $Path -Name 'ILIM i' -Address 192.0.2.1 -Port 40999
            $null = Set-EngineScanPolicy -DataPath $Path -Allow 192.0.2.0/24 -MaxRate 500
            Get-ScanEngine -DataPath $Path -Name 'ilim I'
            """,
            new { data.Path }).Single();
        Assert.Equal("ILIM i", engine.Properties["Name"].Value);
        Assert.Equal(40999, engine.Properties["Port"].Value);
    }

    // For this thread, and for those of the nodes, which take what is the process' default when they begin.
    private sealed class CultureScope : IDisposable
    {
        private readonly CultureInfo _before = CultureInfo.CurrentCulture;

        public CultureScope(string name)
        {
            var culture = new CultureInfo(name, useUserOverride: false);
            CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = culture;
            CultureInfo.DefaultThreadCurrentCulture = CultureInfo.DefaultThreadCurrentUICulture = culture;
        }

        public void Dispose()
        {
            CultureInfo.DefaultThreadCurrentCulture = CultureInfo.DefaultThreadCurrentUICulture = null;
            CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = _before;
        }
    }
}
