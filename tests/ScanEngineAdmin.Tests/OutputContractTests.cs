using System.Reflection;

namespace ScanEngineAdmin.Tests;

/// <summary>The properties of what the cmdlets return are a contract too.</summary>
public sealed class OutputContractTests : IDisposable
{
    private readonly Metadata _metadata = new();

    public void Dispose() => _metadata.Dispose();

    [Theory]
    [InlineData(
        "ScanEngineAdmin", "ScanEngineAdmin.SecurityConsole",
        "State EndPoint Fingerprint EngineCount ProcessId HostedBy DataPath")]
    [InlineData(
        "ScanEngineAdmin", "ScanEngineAdmin.SecurityConsoleExport",
        "Path ConsoleId Fingerprint HasIdentity Created MachineName Version Length DataPath KeptPath")]
    [InlineData(
        "ScanEngineAdmin", "ScanEngineAdmin.EnginePairingSecret",
        "SecretId Secret ExpiresAt EngineName SingleUse MaxUses Uses RefusedUses Role DataPath")]
    [InlineData(
        "ScanEngineAdmin", "ScanEngineAdmin.EngineCertificate",
        "Role State Fingerprint OldFingerprint NewFingerprint Started Peers Lagging IsRunning DataPath")]
    [InlineData(
        "ScanEngineAdmin", "ScanEngineAdmin.EngineCertificatePeer",
        "Name State IsLagging LastContact Detail DataPath")]
    [InlineData(
        "ScanEngineAdmin", "ScanEngineAdmin.ScanEngine",
        "EngineId Name Address Port Direction Paired Status StatusDetail LastContact NextExpected Fingerprint Version "
        + "RunningScans ConsolePort AllowFrom DataPath")]
    [InlineData(
        "ScanEngineAdmin", "ScanEngineAdmin.ScanEngineCommunication",
        "EngineName Direction DesiredDirection EngineView Epoch State LastChange Drift DriftDetail NextExpected "
        + "ConsoleAddress ConsolePort Detail DataPath")]
    [InlineData(
        "ScanEngineAdmin", "ScanEngineAdmin.ScanEngineDirectionChange",
        "ChangeId RequestedBy Requested From To Outcome Acknowledged Detail DataPath")]
    [InlineData("ScanEngineAdmin", "ScanEngineAdmin.EngineDirectionView", "Direction Epoch InDoubt")]
    [InlineData("ScanEngineAdmin", "ScanEngineAdmin.ScanEngineEvent",
        "Time Event EngineName Actor Detail Role DataPath")]
    [InlineData(
        "ScanEngineAdmin", "ScanEngineAdmin.EngineListener",
        "State EndPoint Fingerprint Consoles Connected LastError ProcessId HostedBy DataPath")]
    [InlineData(
        "ScanEngineAdmin", "ScanEngineAdmin.EnginePoller",
        "State Console Fingerprint LastPoll NextPoll ConsecutiveFailures LastError ProcessId HostedBy DataPath")]
    [InlineData(
        "ScanEngineAdmin", "ScanEngineAdmin.EngineConsole",
        "Fingerprint ObservedAddress EngineName ConsoleAddress ConsolePort Direction ProposedDirection State FirstSeen "
        + "LastSeen DataPath")]
    [InlineData(
        "ScanEngineAdmin", "ScanEngineAdmin.EngineScan",
        "ScanId EngineName State Attempt Queued Started Finished TargetsTotal TargetsDone FindingCount "
        + "Cause CauseSince LastInterruption Interruptions Deadline Priority MaxAttempts RetryAt Detail "
        + "Targets Ports Timeout Parallelism MaxRate Scanner DataPath")]
    [InlineData("ScanEngineAdmin", "ScanEngineAdmin.ScanFinding",
        "ScanId EngineName Target Address Port State RoundTrip Banner Time DataPath")]
    [InlineData(
        "ScanEngineAdmin.Firewall", "ScanEngineAdmin.Firewall.Rules.FirewallPlan",
        "ChangeId EngineName From To DryRun State Rules OutboundUnknown Changed DataPath")]
    [InlineData(
        "ScanEngineAdmin.Firewall", "ScanEngineAdmin.Firewall.Rules.FirewallRule",
        "RuleId HostRole Host Change Flow Protocol LocalPort RemoteAddress AddressFamily Reason Command UndoCommand")]
    [InlineData(
        "ScanEngineAdmin.Core", "ScanEngineAdmin.Core.Diagnosis.FirewallTestResult",
        "EngineName Direction EndPoint Succeeded Stages Verdict VerdictDetail ShouldBeOpen AsExpected DataPath")]
    [InlineData(
        "ScanEngineAdmin.Core", "ScanEngineAdmin.Core.Diagnosis.FirewallTestStage",
        "Stage Result Elapsed Evidence Recommendation")]
    [InlineData(
        "ScanEngineAdmin", "ScanEngineAdmin.EngineFirewallResult",
        "EngineName HostRole RuleId Change Flow LocalPort RemoteAddress Provider Outcome Evidence RollbackAt "
        + "ApplicationId DataPath")]
    [InlineData(
        "ScanEngineAdmin", "ScanEngineAdmin.ScanEnginePool",
        "PoolName Engines ActiveEngines AwayAfter Created DataPath")]
    [InlineData(
        "ScanEngineAdmin", "ScanEngineAdmin.EngineService",
        "Name Role Applier State StartsAtBoot User ProcessId Path CommandLine DataPath")]
    [InlineData(
        "ScanEngineAdmin", "ScanEngineAdmin.EngineServiceDifference",
        "Name Role Applier Property Wanted Actual DataPath")]
    [InlineData(
        "ScanEngineAdmin", "ScanEngineAdmin.ScanEngineTestPair",
        "EngineName Direction ConsoleDataPath EngineDataPath Address ConsolePort EnginePort Fault Delay DataPath")]
    [InlineData(
        "ScanEngineAdmin", "ScanEngineAdmin.EngineFirewallDrift",
        "SideIndicator EngineName RuleId LocalPort Detail Wanted Installed DataPath")]
    [InlineData(
        "ScanEngineAdmin", "ScanEngineAdmin.EngineScanDifference",
        "Change Target Address Port StateBefore State BannerBefore Banner Time EngineName ScanId ScanIdBefore DataPath")]
    [InlineData(
        "ScanEngineAdmin", "ScanEngineAdmin.EngineScanSchedule",
        "Schedule EngineName Enabled Cron TimeZone StartDate EndDate MaxDuration BlackOut Missed Overlap OnLimit NextRun NextRuns "
        + "WaitingSince LastDue LastScanId Runs Skipped Detail Targets Exclude Ports Timeout Parallelism MaxRate Scanner Priority "
        + "MaxAttempts DataPath")]
    [InlineData("ScanEngineAdmin", "ScanEngineAdmin.EngineScanBlackOut", "BlackOut TimeZone Until DataPath")]
    [InlineData(
        "ScanEngineAdmin.Firewall", "ScanEngineAdmin.Firewall.Rules.InstalledFirewallRule",
        "RuleId Provider Flow Port RemoteAddress Family Action Foreign Persistent InForce Chain Text")]
    public void An_output_has_its_properties(string project, string type, string properties)
    {
        Type output = _metadata.Load(Checkout.Assembly(project)).GetType(type, throwOnError: true)!;
        IEnumerable<string> names = output.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Select(p => p.Name);

        Assert.True(output is { IsPublic: true, IsSealed: true });
        Assert.Empty(properties.Split(' ').Except(names));
    }
    // Export-Csv writes an array, and any list of the runtime, as the name of its type.
    [Fact]
    public void Texts_have_a_list_that_a_row_of_a_file_can_hold()
    {
        string[] lists = [typeof(string[]).FullName!, typeof(IReadOnlyList<string>).FullName!, typeof(IList<string>).FullName!];
        IEnumerable<string> bare =
            from type in _metadata.Load(Checkout.Assembly("ScanEngineAdmin")).GetExportedTypes()
            where type.Namespace == "ScanEngineAdmin"
            from property in type.GetProperties()
            where lists.Any(list => list.Split(',')[0] == property.PropertyType.FullName?.Split(',')[0])
            select $"{type.Name}.{property.Name}";

        Assert.Empty(bare);
    }

}
