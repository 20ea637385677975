using System.Collections.ObjectModel;
using System.Management.Automation;

namespace ScanEngineAdmin.Module.Tests.Hosting;

/// <summary>Objects that come from another session, as those of remoting, jobs and files do.</summary>
[TestClass(DisableParallelization = true)]
public sealed class SerializedTests
{
    /// <summary>Columns that say the same at any time, and so may go along.</summary>
    private static readonly string[] Arrows = ["Arrow", "PlainArrow"];

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
            string[] own = [.. one.BaseObject.GetType().GetProperties().Select(property => property.Name)];
            Assert.Empty(copy.Properties.Where(p => p.IsInstance).Select(p => p.Name).Except(own).Except(Arrows));
            Assert.Empty(own.Except(copy.Properties.Where(p => p.IsInstance).Select(p => p.Name)));
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

    /// <summary>Also of one that was made long before, and where scripts may call nothing.</summary>
    [Theory]
    [InlineData(PSLanguageMode.FullLanguage)]
    [InlineData(PSLanguageMode.ConstrainedLanguage)]
    public void A_copy_s_age_is_the_one_at_the_look(PSLanguageMode language)
    {
        using var here = new HostedPowerShell();
        using var fleet = new HostedFleet(here, "EngineToConsole");
        Collection<PSObject> live = here.Run(
            """
            param($Console, $Engine)
            Get-ScanEngine -DataPath $Console
            Start-EngineScan lab1 -Target 127.0.0.1 -Port 1 -Wait -DataPath $Console
            New-EnginePairingSecret -DataPath $Console
            Get-EnginePairingSecret -DataPath $Console | Select-Object -First 1
            (Get-EngineCertificate -DataPath $Console).Peers
            Get-EnginePoller -DataPath $Engine
            Get-EngineConsole -DataPath $Engine
            """,
            new { fleet.Console, fleet.Engine });
        using var there = new HostedPowerShell(language: language);
        foreach (PSObject one in live)
        {
            PSObject copy = Copied(here, one);
            foreach (PSPropertyInfo time in copy.Properties.Where(p => p.Value is DateTime).ToArray())
            {
                time.Value = DateTime.Now.AddHours(-5);
            }

            string[] ages = AgesOf(one.BaseObject.GetType().Name);
            foreach (string age in ages)
            {
                bool isKnown = copy.Properties[age[..^"Age".Length]].Value is DateTime;
                Assert.Equal(
                    (age, isKnown ? "5 h ago" : string.Empty),
                    (age, there.Get<string>($"param($Value) [string]$Value.{age}", new { Value = copy })));
            }

            // A list shows the times themselves.
            string shown = there.Get<string>("param($Value) $Value | Out-String -Width 300", new { Value = copy });
            Assert.True(
                shown.Contains("5 h ago", StringComparison.Ordinal) || shown.Contains(" : ", StringComparison.Ordinal)
                    || ages.All(age => copy.Properties[age[..^"Age".Length]].Value is null),
                shown);
        }
    }

    private static string[] AgesOf(string type) => type switch
    {
        "ScanEngine" or "EngineCertificatePeer" => ["LastContactAge"],
        "EngineScan" => ["QueuedAge", "CauseSinceAge"],
        "EnginePairingSecret" => ["ExpiresAtAge"],
        "EnginePoller" => ["LastPollAge", "NextPollAge"],
        "EngineConsole" => ["LastSeenAge"],
        _ => throw new InvalidOperationException(type),
    };

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
