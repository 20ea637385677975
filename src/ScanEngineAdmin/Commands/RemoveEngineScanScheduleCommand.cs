using System.Management.Automation;
using ScanEngineAdmin.Completion;
using ScanEngineAdmin.Domain.Schedules;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Removes schedules; their scans and what these found stay.</para>
/// <para type="description">A scan of it that runs goes on, without the schedule's limits.</para>
/// </summary>
/// <example>
/// <code>Get-EngineScanSchedule | Where-Object NextRun -EQ $null | Remove-EngineScanSchedule</code>
/// <para>Removes those that have no time to come.</para>
/// </example>
[Cmdlet(VerbsCommon.Remove, "EngineScanSchedule", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemoveEngineScanScheduleCommand : ConsoleCommand
{
    /// <summary>
    /// <para>The names of schedules. Wildcards are accepted; a name without one that is not there is an error.</para>
    /// </summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ItemName(nameof(Schedule))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ScheduleNameCompleter))]
    public string[] Schedule { get; set; } = [];

    private protected override void ProcessItem()
    {
        foreach (ScheduleRecord schedule in ScheduleSelection.Select(this, Schedule, HasNode ? Admin : null))
        {
            Try(
                () =>
                {
                    if (ShouldProcess(schedule.Name, "Remove schedule"))
                    {
                        Admin.Schedules.Remove(schedule.Name);
                    }
                },
                schedule.Name);
        }
    }
}
