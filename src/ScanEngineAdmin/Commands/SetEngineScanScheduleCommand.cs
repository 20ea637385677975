using System.Management.Automation;
using ScanEngineAdmin.Completion;
using ScanEngineAdmin.Domain.Schedules;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Changes schedules: when, what, and whether they are in force.</para>
/// <para type="description">What is not named stays. The running console follows at once; a scan that runs goes on with
/// what it was started with, but for the longest duration and the maintenance windows. The engine of a schedule stays:
/// make a new one for another engine.</para>
/// </summary>
/// <example>
/// <code>Set-EngineScanSchedule nightly -Daily -At 03:30 -WhatIf</code>
/// <para>The next ten times, if it were so.</para>
/// </example>
/// <example>
/// <code>Get-EngineScanSchedule 'dmz-*' | Set-EngineScanSchedule -Enabled $false</code>
/// <para>Nothing of these is scanned until they are enabled again.</para>
/// </example>
[Cmdlet(VerbsCommon.Set, "EngineScanSchedule", SupportsShouldProcess = true)]
[OutputType(typeof(EngineScanSchedule))]
public sealed class SetEngineScanScheduleCommand : ScheduleTermsCommand
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

    /// <summary>
    /// <para>Whether it is in force: $false rests it, and what was due meanwhile is not made up for.</para>
    /// </summary>
    [Parameter]
    public bool Enabled { get; set; }

    /// <summary>
    /// <para>Returns the schedule.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void ProcessItem()
    {
        if (!HasTerms && !IsBound(nameof(Enabled)))
        {
            throw NotFound.Change("-Cron, -Daily, -Weekly, -At, -BlackOut, -MaxDuration, -Target, -Enabled, ...");
        }

        foreach (ScheduleRecord schedule in ScheduleSelection.Select(this, Schedule, HasNode ? Admin : null))
        {
            Try(() => Write(schedule), schedule.Name);
        }
    }

    private void Write(ScheduleRecord schedule)
    {
        string engine = Admin.Schedules.Owner(schedule);
        if (!ShouldWrite(Admin.Schedules.Check(Changed(schedule), isNew: false), engine, "Change schedule"))
        {
            return;
        }

        ScheduleRecord set = Admin.Schedules.Set(schedule.Name, Changed);
        WarnUnlessConsoleRuns("The schedule is written.");
        if (PassThru)
        {
            WriteObject(Output(set, engine));
        }
    }

    private ScheduleRecord Changed(ScheduleRecord schedule) =>
        WithTerms(schedule) with { Enabled = Bound(nameof(Enabled), Enabled) ?? schedule.Enabled };
}
