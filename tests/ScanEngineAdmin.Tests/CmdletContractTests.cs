using System.Reflection;
using System.Text.RegularExpressions;

namespace ScanEngineAdmin.Tests;

/// <summary>
/// Names, parameters and outputs are what scripts rely on: this is the table of the issue, read back.
/// </summary>
public sealed class CmdletContractTests : IDisposable
{
    private static readonly string[] ApprovedVerbs =
    [
        "Approve", "Compare", "Confirm", "ConvertTo", "Deny", "Export", "Get", "Import", "Install", "Invoke", "New", "Receive",
        "Register", "Remove", "Repair", "Restore", "Resume", "Revoke", "Set", "Show", "Start", "Stop", "Suspend", "Test",
        "Uninstall", "Unregister", "Update", "Wait", "Watch",
    ];

    private readonly Metadata _metadata = new();
    private readonly IReadOnlyList<CmdletContract> _cmdlets;
    private readonly IReadOnlyList<string> _inner;

    public CmdletContractTests()
    {
        Assembly assembly = _metadata.Load(Checkout.Assembly("ScanEngineAdmin"));
        _cmdlets = CmdletContract.ReadAll(assembly);
        _inner = CmdletContract.ReadInner(assembly);
    }

    public void Dispose() => _metadata.Dispose();

    [Theory]
    [InlineData(
        "Start-SecurityConsole", "SecurityConsole",
        "Address Port AdvertisedAddress KeepScans Proxy ProxyCredential Wait AsJob LogPath")]
    [InlineData("Stop-SecurityConsole", "Void", "Timeout")]
    [InlineData("Get-SecurityConsole", "SecurityConsole", "")]
    [InlineData("Export-SecurityConsole", "SecurityConsoleExport", "Path Passphrase WithoutIdentity Force AsJob")]
    [InlineData("Import-SecurityConsole", "SecurityConsoleExport", "Path Passphrase Force LaterThan AsJob")]
    [InlineData("New-EnginePairingSecret", "EnginePairingSecret", "Role ExpiresIn EngineName SingleUse MaxUses")]
    [InlineData("Get-EnginePairingSecret", "EnginePairingSecret", "Role SecretId")]
    [InlineData("Revoke-EnginePairingSecret", "Void", "Role SecretId")]
    [InlineData(
        "Register-ScanEngine", "ScanEngine",
        "Name Address Port PairingSecret Fingerprint Proxy ProxyCredential Replace PassThru")]
    [InlineData("Approve-ScanEngine", "ScanEngine", "Name Fingerprint PassThru")]
    [InlineData("Set-ScanEngine", "ScanEngine", "Name NewName Address Port Quota AllowFrom PassThru")]
    [InlineData("Unregister-ScanEngine", "ScanEngine", "Name PassThru")]
    [InlineData("Get-ScanEngine", "ScanEngine", "Name Direction Status")]
    [InlineData("Wait-ScanEngine", "ScanEngine", "Name Direction Status Timeout AsJob")]
    [InlineData("Show-ScanEngineStatus", "String", "Name IncludeFirewall Once")]
    [InlineData("Watch-ScanEngine", "ScanEngineEvent", "Name Event Timeout AsJob RaiseEvent")]
    [InlineData(
        "Set-ScanEngineCommunication", "FirewallPlan",
        "Name Direction Address Port ConsoleAddress ConsolePort Offline Timeout ThrottleLimit StopOnError DenyOutbound "
        + "ApplyFirewall AsJob")]
    [InlineData(
        "Restore-ScanEngineCommunication", "FirewallPlan",
        "Name Timeout ThrottleLimit StopOnError DenyOutbound ApplyFirewall AsJob")]
    [InlineData("Get-ScanEngineCommunication", "ScanEngineCommunication", "Name")]
    [InlineData("Get-ScanEngineEvent", "ScanEngineEvent", "Role Name Newest Event")]
    [InlineData("Start-EngineListener", "EngineListener", "Address Port Proxy ProxyCredential Wait AsJob LogPath")]
    [InlineData("Stop-EngineListener", "Void", "Timeout")]
    [InlineData("Get-EngineListener", "EngineListener", "")]
    [InlineData(
        "Start-EnginePoller", "EnginePoller",
        "ConsoleAddress ConsolePort PairingSecret EngineName Interval Once Proxy ProxyCredential Wait AsJob LogPath")]
    [InlineData("Stop-EnginePoller", "Void", "Timeout")]
    [InlineData("Get-EnginePoller", "EnginePoller", "")]
    [InlineData("Get-EngineConsole", "EngineConsole", "Fingerprint")]
    [InlineData("Approve-EngineConsole", "EngineConsole", "Fingerprint PassThru")]
    [InlineData("Deny-EngineConsole", "EngineConsole", "Fingerprint PassThru")]
    [InlineData("Set-EngineConsole", "EngineConsole", "Fingerprint Address Port Direction PassThru")]
    [InlineData(
        "Start-EngineScan", "EngineScan",
        "Name Pool Target TargetFile Exclude Port TopPorts Timeout Parallelism MaxRate Scanner Deadline Priority MaxAttempts "
        + "Wait WaitTimeout AsJob")]
    [InlineData("Get-EngineScan", "EngineScan", "Name ScanId State")]
    [InlineData("Wait-EngineScan", "EngineScan", "ScanId Timeout AsJob")]
    [InlineData("Stop-EngineScan", "EngineScan", "ScanId PassThru")]
    [InlineData("Suspend-EngineScan", "EngineScan", "ScanId PassThru")]
    [InlineData("New-ScanEnginePool", "ScanEnginePool", "PoolName Engine AwayAfter")]
    [InlineData("Get-ScanEnginePool", "ScanEnginePool", "PoolName")]
    [InlineData(
        "Set-ScanEnginePool", "ScanEnginePool", "PoolName NewName AddEngine RemoveEngine AwayAfter PassThru")]
    [InlineData("Remove-ScanEnginePool", "Void", "PoolName")]
    [InlineData("Resume-EngineScan", "EngineScan", "ScanId Deadline PassThru")]
    [InlineData("Remove-EngineScan", "Void", "ScanId Force")]
    [InlineData("Receive-EngineScan", "ScanFinding", "ScanId Name State")]
    [InlineData("Export-EngineScan", "FileInfo", "ScanId Name State Path Format Force")]
    [InlineData("Export-ScanEngineTopology", "FileInfo", "Name Path Format IncludeFirewall Force")]
    [InlineData("Get-EngineScanPolicy", "EngineScanPolicy", "")]
    [InlineData("Set-EngineScanPolicy", "EngineScanPolicy", "Allow Deny MaxRate MaxParallelism AllowNmap OnDenied PassThru")]
    [InlineData(
        "Test-EngineFirewall", "FirewallTestResult Boolean",
        "Name ComputerName Port Direction IncludeOther ThrottleLimit Timeout Proxy ProxyCredential Quiet AsJob")]
    [InlineData("ConvertTo-EngineFirewallScript", "String", "InputObject Provider Role Undo Close")]
    [InlineData("Get-EngineFirewallRule", "InstalledFirewallRule", "Port Provider")]
    [InlineData(
        "Invoke-EngineFirewallPlan", "EngineFirewallResult",
        "InputObject Role Provider RollbackAfter ConfirmByTest")]
    [InlineData("Confirm-EngineFirewallPlan", "Void", "ApplicationId All")]
    [InlineData("Start-EngineFirewallApplier", "EngineFirewallApplier", "Role Port AllowFrom Provider Wait AsJob LogPath")]
    [InlineData("Stop-EngineFirewallApplier", "Void", "Role Timeout")]
    [InlineData("Get-EngineFirewallApplier", "EngineFirewallApplier", "")]
    [InlineData(
        "Install-EngineService", "EngineService",
        "Role Applier Program Address Port AdvertisedAddress AllowFrom Provider NoStart")]
    [InlineData(
        "Compare-EngineService", "EngineServiceDifference",
        "Role Applier Program Address Port AdvertisedAddress AllowFrom Provider")]
    [InlineData("Uninstall-EngineService", "Void", "Role Applier")]
    [InlineData("Get-EngineService", "EngineService", "")]
    [InlineData("Compare-EngineFirewall", "EngineFirewallDrift", "Name Provider IncludeEqual")]
    [InlineData("Compare-EngineScan", "EngineScanDifference", "ScanId Schedule Change")]
    [InlineData(
        "New-EngineScanSchedule", "EngineScanSchedule",
        "Schedule Name Pool Cron Daily Weekly At TimeZone StartDate EndDate MaxDuration BlackOut Missed Overlap OnLimit Target TargetFile "
        + "Exclude Port TopPorts Timeout Parallelism MaxRate Scanner Priority MaxAttempts")]
    [InlineData("Get-EngineScanSchedule", "EngineScanSchedule", "Schedule")]
    [InlineData(
        "Set-EngineScanSchedule", "EngineScanSchedule",
        "Schedule Enabled PassThru Cron Daily Weekly At TimeZone StartDate EndDate MaxDuration BlackOut Missed Overlap OnLimit Target TargetFile "
        + "Exclude Port TopPorts Timeout Parallelism MaxRate Scanner Priority MaxAttempts")]
    [InlineData("Remove-EngineScanSchedule", "Void", "Schedule")]
    [InlineData("Get-EngineScanBlackOut", "EngineScanBlackOut", "")]
    [InlineData("Set-EngineScanBlackOut", "EngineScanBlackOut", "BlackOut TimeZone PassThru")]
    [InlineData("Repair-EngineFirewall", "EngineFirewallResult", "Provider KeepUnneeded")]
    [InlineData("New-ScanEngineTestPair", "ScanEngineTestPair", "Direction EngineName")]
    [InlineData("Set-ScanEngineTestPair", "ScanEngineTestPair", "Fault Delay PassThru")]
    [InlineData("Remove-ScanEngineTestPair", "Void", "")]
    [InlineData("Get-EngineCertificate", "EngineCertificate", "Role")]
    [InlineData("Update-EngineCertificate", "EngineCertificate", "Role Phase Force Rollback Timeout AsJob")]
    public void A_cmdlet_has_its_parameters_and_output(string name, string outputs, string parameters)
    {
        CmdletContract cmdlet = Assert.Single(_cmdlets, cmdlet => cmdlet.Name == name);

        Assert.Equal(outputs.Split(' ').Order(), cmdlet.Outputs.Order());
        Assert.Equal(
            parameters.Split(' ', StringSplitOptions.RemoveEmptyEntries).Append("DataPath").Order(),
            cmdlet.Parameters.Select(parameter => parameter.Name).Order());
    }

    [Fact]
    public void The_manifest_exports_every_cmdlet_and_nothing_else()
    {
        string manifest = File.ReadAllText(Path.Combine(Checkout.Root, "ScanEngineAdmin.psd1"));
        string list = Regex.Match(manifest, @"CmdletsToExport\s*=\s*@\(([^)]*)\)").Groups[1].Value;
        IEnumerable<string> exported = Regex.Matches(list, "'([^']+)'").Select(match => match.Groups[1].Value);

        Assert.Equal(_cmdlets.Select(cmdlet => cmdlet.Name).Order(), exported.Order());
        Assert.Equal(["ConvertTo-ScanEngineValue"], _inner);
    }

    [Fact]
    public void Every_verb_is_approved_and_every_cmdlet_takes_a_data_path()
    {
        Assert.All(_cmdlets, cmdlet => Assert.Contains(cmdlet.Verb, ApprovedVerbs));
        Assert.All(_cmdlets, cmdlet => Assert.True(cmdlet["DataPath"] is { ByPropertyName: true, Element: "String" }));
    }

    [Fact]
    public void Every_change_asks_before_it_is_made_and_no_reading_does()
    {
        string[] reading = ["Compare", "ConvertTo", "Get", "Show", "Wait", "Watch", "Receive", "Test"];
        Assert.All(_cmdlets, cmdlet => Assert.Equal(!reading.Contains(cmdlet.Verb), cmdlet.Confirms));
    }

    [Fact]
    public void What_cannot_be_taken_back_asks_by_default()
    {
        string[] high = ["Approve", "Invoke", "Repair", "Revoke", "Unregister", "Update"];
        Assert.All(_cmdlets, cmdlet => Assert.Equal(high.Contains(cmdlet.Verb) ? 3 : 2, cmdlet.Impact));
    }

    [Fact]
    public void Name_and_EngineName_are_one_everywhere_and_bind_from_the_pipeline()
    {
        foreach (CmdletContract cmdlet in _cmdlets)
        {
            foreach (ParameterContract parameter in cmdlet.Parameters.Where(p => p.Name is "Name" or "EngineName"))
            {
                Assert.True(parameter.ByPropertyName, $"{cmdlet.Name} -{parameter.Name}");
                Assert.Equal(parameter.Name == "Name" ? "EngineName" : "Name", Assert.Single(parameter.Aliases));
            }
        }
    }

    [Fact]
    public void The_first_parameter_that_an_item_binds_takes_the_item_itself()
    {
        foreach (CmdletContract cmdlet in _cmdlets)
        {
            ParameterContract? first = cmdlet.Parameters.Where(p => p is { Position: not null, ByPropertyName: true })
                .MinBy(p => p.Position);
            Assert.True(first is null or { ByValue: true }, $"{cmdlet.Name} -{first?.Name}");
        }
    }

    // What a row of a file has for a cmdlet: everything that is about the item, and nothing that is about the run.
    [Fact]
    public void Every_parameter_of_an_item_comes_from_a_row_too_or_the_list_says_why_not()
    {
        // The same for all items: waiting, the way there, what is written, what is shown.
        string[] run =
        [
            "Timeout", "WaitTimeout", "ThrottleLimit", "DenyOutbound", "Interval", "Proxy", "ProxyCredential", "LogPath",
            "Path", "Passphrase", "Format", "Provider", "State", "Status", "Event", "Newest", "Change", "Phase",
            "InputObject",
        ];

        // Terms of scans and schedules, of which a file has more than a row can say: docs/runbooks/Set-Schedule.ps1.
        string[] terms = ["Start-EngineScan", "New-EngineScanSchedule", "Set-EngineScanSchedule", "Resume-EngineScan"];
        string[] unbound =
        [
            "Get-ScanEngine Direction: a filter, where a row has the wanted one",
            "Wait-ScanEngine Direction: what all are waited for",
            "New-EnginePairingSecret ExpiresIn: of the run",
            "New-EnginePairingSecret MaxUses: of the run",
            "New-ScanEnginePool PoolName: the one pool that gets all engines of the rows",
            "New-ScanEnginePool AwayAfter: of that one pool",
            "Set-ScanEnginePool NewName: pools are few",
            "Set-ScanEnginePool AddEngine: pools are few",
            "Set-ScanEnginePool RemoveEngine: pools are few",
            "Set-ScanEnginePool AwayAfter: pools are few",
            "Test-EngineFirewall ComputerName: a test without an engine",
            "Test-EngineFirewall Port: a test without an engine",
            "New-ScanEngineTestPair Direction: a pair is for tests",
        ];
        string[] services = ["Install-EngineService", "Compare-EngineService", "Start-EngineFirewallApplier"];
        IEnumerable<string> missing =
            from cmdlet in _cmdlets
            where !terms.Contains(cmdlet.Name) && !services.Contains(cmdlet.Name)
                && cmdlet.Parameters.Any(p => p is { ByPropertyName: true, Name: not ("DataPath" or "Role") })
            from parameter in cmdlet.Parameters
            where !parameter.ByPropertyName && parameter.Element != "SwitchParameter" && !run.Contains(parameter.Name)
                && !unbound.Any(one => one.StartsWith($"{cmdlet.Name} {parameter.Name}:", StringComparison.Ordinal))
            select $"{cmdlet.Name} {parameter.Name}";

        Assert.Empty(missing);
    }

    // An object piped for its name would bring its present state along as what is asked for.
    [Fact]
    public void What_an_object_of_the_module_has_beside_its_name_is_not_what_is_asked_for()
    {
        // They name the item; or make what no object of the module is yet.
        string[] keys =
        [
            "DataPath", "Name", "EngineName", "Role", "ScanId", "SecretId", "PoolName", "Schedule", "Fingerprint",
            "ApplicationId", "Applier", "Engine",
        ];
        string[] making = ["Register-ScanEngine", "Start-EnginePoller"];
        IEnumerable<string> carried =
            from cmdlet in _cmdlets
            where !making.Contains(cmdlet.Name)
            from parameter in cmdlet.Parameters
            where parameter.ByPropertyName && !parameter.Attributes.Contains("RowValueAttribute")
                && (!keys.Contains(parameter.Name) || (parameter is { Name: "Fingerprint", Position: null }))
            select $"{cmdlet.Name} {parameter.Name}";

        Assert.Empty(carried);
        // What is left out of an item can be left out: no value says that there is none.
        Assert.All(
            _cmdlets.SelectMany(cmdlet => cmdlet.Parameters).Where(p => p.Attributes.Contains("RowValueAttribute")),
            p => Assert.True(
                p.ByPropertyName && (p.Mandatory || !p.Type.IsValueType || p.Type.IsGenericType), p.Name));
    }

    [Fact]
    public void No_text_is_made_of_an_object_that_comes_through_the_pipeline()
    {
        string[] refusing = ["ItemNameAttribute", "TargetTextAttribute"];
        foreach (CmdletContract cmdlet in _cmdlets)
        {
            Assert.All(
                cmdlet.Parameters.Where(p => p is { ByValue: true, Element: "String" }),
                p => Assert.True(p.Attributes.Any(refusing.Contains), $"{cmdlet.Name} -{p.Name}"));
        }
    }

    [Fact]
    public void The_port_of_the_only_address_that_is_typed_is_Port()
    {
        ParameterContract port = _cmdlets.Single(cmdlet => cmdlet.Name == "Start-EnginePoller")["ConsolePort"]!;
        Assert.Equal("Port", Assert.Single(port.Aliases));
    }

    [Theory]
    [InlineData("Start-SecurityConsole", "Address", "Listen")]
    [InlineData("Start-EngineListener", "Address", "Listen")]
    [InlineData("Start-EngineFirewallApplier", "Port", "Ports")]
    public void What_the_service_host_calls_otherwise_is_an_alias(string name, string parameter, string option) =>
        Assert.Contains(option, _cmdlets.Single(cmdlet => cmdlet.Name == name)[parameter]!.Aliases);

    [Fact]
    public void A_name_that_selects_takes_wildcards_and_completes()
    {
        string[] naming = ["Register-ScanEngine"];
        IEnumerable<ParameterContract> names = _cmdlets.Where(cmdlet => !naming.Contains(cmdlet.Name))
            .SelectMany(cmdlet => cmdlet.Parameters).Where(parameter => parameter.Name == "Name");
        Assert.All(names, name => Assert.True(name is { Wildcards: true, Many: true }));
        Assert.All(names, name => Assert.Contains("ArgumentCompleterAttribute", name.Attributes));
    }

    [Fact]
    public void Every_duration_and_direction_and_secret_goes_through_its_one_transformation()
    {
        foreach (ParameterContract parameter in _cmdlets.SelectMany(cmdlet => cmdlet.Parameters))
        {
            Assert.Equal(parameter.Element == "TimeSpan", parameter.Attributes.Contains("DurationAttribute"));
            Assert.Equal(
                parameter.Element == "CommunicationDirection", parameter.Attributes.Contains("DirectionAttribute"));
            Assert.Equal(parameter.Element == "DateTimeOffset", parameter.Attributes.Contains("DeadlineAttribute"));
            bool passphrase = parameter.Attributes.Contains("PassphraseAttribute");
            Assert.Equal(parameter.Name == "Passphrase", passphrase);
            bool secret = parameter.Attributes.Contains("SecretTextAttribute");
            Assert.Equal(parameter.Element == "SecureString", passphrase || secret);
        }
    }

    [Fact]
    public void No_parameter_is_named_just_Id_and_no_port_goes_unchecked()
    {
        IEnumerable<ParameterContract> all = _cmdlets.SelectMany(cmdlet => cmdlet.Parameters);
        Assert.DoesNotContain(all, parameter => parameter.Name == "Id" || parameter.Aliases.Contains("Id"));
        Assert.All(
            all.Where(parameter => parameter.Element == "Int32"),
            parameter => Assert.True(
                parameter.Attributes.Contains("ValidateRangeAttribute")
                || parameter.Attributes.Contains("PortCellAttribute"),
                parameter.Name));
    }
}
