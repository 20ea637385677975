using System.Management.Automation;
using ScanEngineAdmin.Completion;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Schedules;
using ScanEngineAdmin.Pipeline;
using ScanEngineAdmin.Scanning.Compare;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Says what is different in the later one of two scans: hosts that came and went, ports that
/// opened, closed or went silent, services that say something else.</para>
/// <para type="description">The scan that was queued first is the earlier one, in whichever order they are named. No
/// output means no difference. Compared are the ports of targets that both scans have scanned: where the scans are for
/// different targets or ports, or one is not complete, a warning says so. Of a host that came or went the ports that
/// are or were open are named one by one. It reads as it goes, whatever the number of findings.</para>
/// </summary>
/// <example>
/// <code>Get-EngineScan lab-1 -State Completed | Select-Object -Last 2 | Compare-EngineScan</code>
/// <para>What changed between the last two scans of an engine.</para>
/// </example>
/// <example>
/// <code>Compare-EngineScan $before.ScanId, $after.ScanId -Change NewHost, Opened | Export-Csv opened.csv</code>
/// <para>Only what is reachable now and was not before.</para>
/// </example>
/// <example>
/// <code>Get-EngineScanSchedule | Compare-EngineScan</code>
/// <para>The last run of each schedule against the one before it.</para>
/// </example>
[Cmdlet(VerbsData.Compare, "EngineScan", DefaultParameterSetName = "Scan")]
[OutputType(typeof(EngineScanDifference))]
public sealed class CompareEngineScanCommand : ConsoleCommand
{
    private readonly Gathered<ScanRecord> _scans = new(scan => scan.ScanId);
    private bool _failed;

    /// <summary>
    /// <para>The ids of the two scans, as Start-EngineScan and Get-EngineScan return them.</para>
    /// </summary>
    [Parameter(
        Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        ParameterSetName = "Scan")]
    [ArgumentCompleter(typeof(ScanIdCompleter))]
    public Guid[] ScanId { get; set; } = [];

    /// <summary>
    /// <para>Of each of these schedules the last run that was completed or stopped, against the one before it. Wildcards
    /// are accepted.</para>
    /// </summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "Schedule")]
    [ItemName(nameof(Schedule))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ScheduleNameCompleter))]
    public string[] Schedule { get; set; } = [];

    /// <summary>
    /// <para>Only differences of these kinds: NewHost, GoneHost, Opened, Closed, Filtered, BannerChanged. All without
    /// it.</para>
    /// </summary>
    [Parameter]
    public ScanDifferenceKind[]? Change { get; set; }

    private protected override void ProcessItem()
    {
        foreach (ScheduleRecord schedule in Schedule.Length == 0
            ? [] : ScheduleSelection.Select(this, Schedule, HasNode ? Admin : null))
        {
            Try(() => Compare(schedule), schedule.Name);
        }

        foreach (Guid id in ScanId)
        {
            _failed |= !Try(
                () => _scans.Add((HasNode ? Admin.Store.GetScan(id) : null) ?? throw NotFound.Scan(id)), id);
        }
    }

    private protected override void Settle()
    {
        ScanRecord[] scans = _scans.TakeAll();
        if (_failed || ParameterSetName == "Schedule")
        {
            _failed = false;
            return;
        }

        if (scans.Length != 2)
        {
            throw new ScanEngineException(
                FaultCode.OptionInvalid,
                $"Two scans are compared, and {scans.Length} {(scans.Length == 1 ? "is" : "are")} named.",
                "Name two: Get-EngineScan | Select-Object -Last 2 | Compare-EngineScan.",
                nameof(ScanId));
        }

        Write(ScanComparison.Of(scans[0], scans[1]));
    }

    private void Compare(ScheduleRecord schedule)
    {
        IReadOnlyList<ScanRecord> runs = Admin.Store.ListScheduleRuns(schedule.Name, 2);
        if (runs.Count == 2)
        {
            Write(ScanComparison.Of(runs[1], runs[0]));
        }
        else
        {
            WriteWarning($"Schedule '{schedule.Name}' has not had two runs that were completed or stopped.");
        }
    }

    private void Write(ScanComparison comparison)
    {
        Warn(comparison);
        foreach (ScanDifference difference in comparison.Read(OpenedAdmin.Store, StopToken))
        {
            if (Change is null || Change.Contains(difference.Kind))
            {
                WriteObject(new EngineScanDifference(comparison, difference, OpenedAdmin.Folder.Root));
            }
        }
    }

    private void Warn(ScanComparison comparison)
    {
        (long targets, long ports) = comparison.OnlyOne();
        if (targets > 0 || ports > 0)
        {
            WriteWarning(
                $"{targets} targets and {ports} ports are in one of the scans only, and are not compared.");
        }

        foreach (ScanRecord scan in new[] { comparison.Earlier, comparison.Later })
        {
            if (scan.State != ScanState.Completed)
            {
                WriteWarning(
                    $"Scan {scan.ScanId:D} is {scan.State}: what it has not scanned is not compared "
                    + $"({scan.TargetsDone} of {scan.TargetsTotal} targets are done).");
            }
        }
    }
}
