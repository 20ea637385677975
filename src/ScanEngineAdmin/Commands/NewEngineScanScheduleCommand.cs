using System.Management.Automation;
using ScanEngineAdmin.Completion;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Schedules;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Has the console start a scan again and again, at times that are fixed beforehand.</para>
/// <para type="description">Targets, ports and times are checked before anything is written. -WhatIf shows the next ten
/// times, and returns the schedule as it would be. The running console starts the scans: each is one of Get-EngineScan,
/// with the schedule's name.</para>
/// <para type="parameter Name">The engine that scans.</para>
/// </summary>
/// <example>
/// <code>New-EngineScanSchedule nightly lab-1 -Target 10.0.0.0/24 -Daily -At 02:00 -TimeZone Europe/Berlin -WhatIf</code>
/// <para>The next ten times, also over a change of the clocks.</para>
/// </example>
/// <example>
/// <code>New-EngineScanSchedule weekend lab-1 -Target 10.0.0.0/16 -Weekly Saturday -At 06:00 -MaxDuration 20h -BlackOut 'Mon-Fri 07:00-19:00'</code>
/// <para>A long scan that ends before the week begins.</para>
/// </example>
/// <example>
/// <code>New-EngineScanSchedule hourly lab-1 -Target 10.0.0.1-20 -Port 443 -Cron '15 * * * *' -Missed Once -Overlap Queue</code>
/// <para>A quarter past every hour; what was missed while no console ran is made up for by one scan.</para>
/// </example>
/// <example>
/// <code>New-EngineScanSchedule office -Pool dmz -Target 10.0.0.0/16 -Daily -At 20:00 -MaxDuration 10h -OnLimit Suspend</code>
/// <para>The engines of a pool share each scan. What is not finished in the morning rests until Resume-EngineScan.</para>
/// </example>
[Cmdlet(VerbsCommon.New, "EngineScanSchedule", SupportsShouldProcess = true, DefaultParameterSetName = ByEngine)]
[OutputType(typeof(EngineScanSchedule))]
public sealed class NewEngineScanScheduleCommand : ScheduleTermsCommand
{
    private const string ByEngine = "Engine";
    private const string ByPool = "Pool";

    /// <summary>
    /// <para>The name of the schedule.</para>
    /// </summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Schedule { get; set; } = string.Empty;

    /// <summary>
    /// <para>The engine's name. Wildcards are accepted where they name one; a name that is not there is an error.</para>
    /// </summary>
    [Parameter(
        Mandatory = true, Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        ParameterSetName = ByEngine)]
    [Alias("EngineName")]
    [ItemName]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(EngineNameCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>
    /// <para>The name of a pool whose engines share each scan, in place of one engine.</para>
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = ByPool)]
    [Alias("PoolName")]
    [ItemName("PoolName")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PoolNameCompleter))]
    public string? Pool { get; set; }

    private protected override void ProcessItem()
    {
        if (Pool is { } pool)
        {
            Try(
                () =>
                {
                    EnginePool known = (HasNode ? Admin.Store.FindPool(pool) : null) ?? throw PoolAdmin.NotFound(pool);
                    Write(known.PoolId, known.Name, isPool: true);
                },
                Schedule);
            return;
        }

        IReadOnlyList<EngineRecord> engines = EngineSelection.Select(this, Name, HasNode ? Admin : null);
        SingleEngine.Check(nameof(Schedule), [.. engines.Select(engine => engine.Name)]);
        foreach (EngineRecord engine in engines)
        {
            Try(() => Write(engine.PairingId, engine.Name, isPool: false), Schedule);
        }
    }

    private void Write(Guid owner, string name, bool isPool)
    {
        ScheduleRecord schedule = Admin.Schedules.Check(
            WithTerms(new ScheduleRecord
            {
                Name = Schedule,
                PairingId = owner,
                IsPool = isPool,
                Cron = [],
                TimeZone = TimeZoneInfo.Local.Id,
                Request = new ScanRequest { Targets = [], Ports = string.Join(',', new StartEngineScanCommand().Port) },
                Created = Admin.Schedules.Now,
            }),
            isNew: true);
        if (ShouldWrite(schedule, name, "Create schedule"))
        {
            ScheduleRecord added = Admin.Schedules.Add(schedule);
            WarnUnlessConsoleRuns("The schedule is written.");
            WriteObject(Output(added, name));
        }
    }
}
