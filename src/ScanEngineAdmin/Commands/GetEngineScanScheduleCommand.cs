using System.Management.Automation;
using ScanEngineAdmin.Completion;
using ScanEngineAdmin.Domain.Schedules;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Lists the console's schedules, with their next ten times.</para>
/// </summary>
/// <example>
/// <code>Get-EngineScanSchedule | Sort-Object NextRun</code>
/// <para>What is scanned next.</para>
/// </example>
/// <example>
/// <code>(Get-EngineScanSchedule nightly).NextRuns</code>
/// <para>When it is due.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "EngineScanSchedule")]
[OutputType(typeof(EngineScanSchedule))]
public sealed class GetEngineScanScheduleCommand : ConsoleCommand
{
    private const int ShownTimes = 10;

    /// <summary>
    /// <para>The names of schedules; all without it. Wildcards are accepted; a name without one that is not there is an
    /// error.</para>
    /// </summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ItemName(nameof(Schedule))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ScheduleNameCompleter))]
    public string[]? Schedule { get; set; }

    private protected override void ProcessItem()
    {
        foreach (ScheduleRecord schedule in ScheduleSelection.Select(this, Schedule, HasNode ? Admin : null))
        {
            Try(
                () => WriteObject(new EngineScanSchedule(
                    schedule,
                    Admin.Schedules.Owner(schedule),
                    Admin.Schedules.Times(schedule, ShownTimes),
                    Folder.Root)),
                schedule.Name);
        }
    }
}
