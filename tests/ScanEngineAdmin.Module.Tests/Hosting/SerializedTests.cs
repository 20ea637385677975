using System.Collections.ObjectModel;
using System.Management.Automation;

namespace ScanEngineAdmin.Module.Tests.Hosting;

/// <summary>Objects that come from another session, as those of remoting, jobs and files do.</summary>
public sealed class SerializedTests
{
    [Theory]
    [InlineData("ConsoleToEngine")]
    [InlineData("EngineToConsole")]
    public void Copies_say_the_same_bind_as_the_live_ones_and_are_shown_as_they_are(string direction)
    {
        using var here = new HostedPowerShell();
        using var fleet = new HostedFleet(here, direction);
        Collection<PSObject> live = here.Run(
            """
            param($Console, $Engine)
            $scan = Start-EngineScan lab1 -Target 127.0.0.1 -Port 1 -Wait -DataPath $Console
            Get-SecurityConsole -DataPath $Console
            Get-ScanEngine -DataPath $Console
            Get-ScanEngineCommunication -DataPath $Console
            Get-EngineConsole -DataPath $Engine
            $scan
            $scan | Receive-EngineScan -DataPath $Console
            Get-ScanEngineEvent -DataPath $Console -Newest 1
            Get-EngineCertificate -DataPath $Console
            Get-EngineScanPolicy -DataPath $Engine
            """,
            new { fleet.Console, fleet.Engine });
        Assert.True(live.Count >= 8, "every cmdlet has said something");
        foreach (PSObject one in live)
        {
            PSObject copy = Copied(here, one);
            string type = one.BaseObject.GetType().FullName!;
            Assert.Equal("Deserialized." + type, copy.TypeNames[0]);
            foreach (PSPropertyInfo property in one.Properties.Where(
                p => p.Value is Enum or string or int or Guid or DateTime))
            {
                object value = property.Value is Enum ? property.Value.ToString()! : property.Value;
                Assert.Equal(value, PSObject.AsPSObject(copy.Properties[property.Name].Value).BaseObject);
            }

            using var there = new HostedPowerShell();
            const string Show = "param($Value) $Value | Format-Table | Out-String -Width 200";
            Assert.Equal(
                WithoutAges(here.Get<string>(Show, new { Value = one })),
                WithoutAges(there.Get<string>(Show, new { Value = copy })));
        }

        PSObject Copy(string type) => Copied(here, live.First(one => one.BaseObject.GetType().Name == type));
        Assert.Equal("lab1", here.Get<string>(
            "param($Of, $Console) ($Of | Get-ScanEngine -DataPath $Console).Name",
            new { Of = Copy("ScanEngine"), fleet.Console }));
        Assert.Equal("Completed", here.Get<string>(
            "param($Of, $Console) ($Of | Wait-EngineScan -Timeout 2m -DataPath $Console).State",
            new { Of = Copy("EngineScan"), fleet.Console }));
    }

    // In the session, whose types say how an enum is written.
    private static PSObject Copied(HostedPowerShell shell, PSObject live)
    {
        const string Serialize = "param($Value) [System.Management.Automation.PSSerializer]::Serialize($Value)";
        return (PSObject)PSSerializer.Deserialize(shell.Get<string>(Serialize, new { Value = live }));
    }

    // A second later "now" is "1 s ago", and the column is wider.
    private static string WithoutAges(string table) => System.Text.RegularExpressions.Regex.Replace(
        table, @"((\b(in )?\d+ ?(s|min|h)( ago)?|\bnow)\b|[ \r─-])+", " ");
}
