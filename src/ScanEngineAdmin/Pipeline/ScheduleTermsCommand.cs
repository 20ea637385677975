using System.Globalization;
using System.Management.Automation;
using ScanEngineAdmin.Completion;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Schedules;
using ScanEngineAdmin.Scanning.Ports;
using ScanEngineAdmin.Scanning.Schedules;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Pipeline;

/// <summary>A cmdlet that says what a schedule scans, and when.</summary>
public abstract class ScheduleTermsCommand : ConsoleCommand
{
    private const int ShownTimes = 10;

    /// <summary>
    /// <para>When, as cron expressions: minute, hour, day of month, month, day of week. '30 2 * * MON-FRI' is at 02:30
    /// from Monday to Friday, '0 */6 * * *' every six hours. Of several whichever comes first is next.</para>
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Cron { get; set; }

    /// <summary>
    /// <para>On every day, at the times of -At.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter Daily { get; set; }

    /// <summary>
    /// <para>On these days of the week, at the times of -At.</para>
    /// </summary>
    [Parameter]
    public DayOfWeek[]? Weekly { get; set; }

    /// <summary>
    /// <para>The times of the day, such as 02:00; alone it means -Daily.</para>
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? At { get; set; }

    /// <summary>
    /// <para>The time zone whose clocks count, as Europe/Berlin; the console's host's without it. A time that the clocks
    /// leave out is when they go on; of one that they show twice the first counts.</para>
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TimeZoneCompleter))]
    public string? TimeZone { get; set; }

    /// <summary>
    /// <para>The first day on which a scan may begin. $null for none.</para>
    /// </summary>
    [Parameter]
    [AllowNull]
    public DateTime? StartDate { get; set; }

    /// <summary>
    /// <para>The last day on which a scan may begin. $null for none.</para>
    /// </summary>
    [Parameter]
    [AllowNull]
    public DateTime? EndDate { get; set; }

    /// <summary>
    /// <para>How long a scan may take at most ('4h'), from when it was queued; then it ends as -OnLimit says, and what it found is
    /// kept. 0 for as long as it takes.</para>
    /// </summary>
    [Parameter]
    [Duration("0s", "30d")]
    public TimeSpan MaxDuration { get; set; }

    /// <summary>
    /// <para>Maintenance windows in which this schedule scans nothing: 'Mon-Fri 08:00-18:00', '22:00-02:00',
    /// '2030-12-24/2030-12-26', '2030-12-24 18:00/2030-12-27 06:00'. A scan that runs when one begins ends as -OnLimit says. @() for
    /// none. Those of Set-EngineScanBlackOut hold as well.</para>
    /// </summary>
    [Parameter]
    [AllowNull]
    [AllowEmptyCollection]
    public string[]? BlackOut { get; set; }

    /// <summary>
    /// <para>What becomes of scans that were due while no console ran, or in a maintenance window: they are left out
    /// (Skip), or one makes up for all of them as soon as it may begin (Once).</para>
    /// </summary>
    [Parameter]
    public MissedRunRule Missed { get; set; }

    /// <summary>
    /// <para>What becomes of a scan that is due while the one before is not finished: it is left out (Skip), or begins
    /// when that one has finished (Queue).</para>
    /// </summary>
    [Parameter]
    public OverlapRule Overlap { get; set; }

    /// <summary>
    /// <para>What becomes of a scan at its longest duration, or when a maintenance window begins: it is stopped (Stop), or
    /// suspended (Suspend). Resume-EngineScan goes on with either; one that is suspended hinders no later one.</para>
    /// </summary>
    [Parameter]
    public LimitRule OnLimit { get; set; }

    /// <summary>
    /// <para>What to scan, in the forms of Start-EngineScan -Target.</para>
    /// </summary>
    [Parameter]
    [TargetText]
    [AllowEmptyCollection]
    [AllowEmptyString]
    public string[]? Target { get; set; }

    /// <summary>
    /// <para>Text files that list what to scan. They are read now, and not again.</para>
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? TargetFile { get; set; }

    /// <summary>
    /// <para>What is left out, in the forms of -Target.</para>
    /// </summary>
    [Parameter]
    [AllowNull]
    [AllowEmptyCollection]
    [AllowEmptyString]
    public string[]? Exclude { get; set; }

    /// <summary>
    /// <para>Ports, port ranges and names of services. Without it those of Start-EngineScan.</para>
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Port { get; set; }

    /// <summary>
    /// <para>So many of the most usual ports, besides those of -Port.</para>
    /// </summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int TopPorts { get; set; }

    /// <summary>
    /// <para>How long a port may take to answer until it counts as filtered.</para>
    /// </summary>
    [Parameter]
    [Duration("10ms", "5m")]
    public TimeSpan Timeout { get; set; }

    /// <summary>
    /// <para>Connection attempts under way at once.</para>
    /// </summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int Parallelism { get; set; }

    /// <summary>
    /// <para>Connection attempts started per second; 0 for no limit but the engine's own.</para>
    /// </summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int MaxRate { get; set; }

    /// <summary>
    /// <para>What scans, as of Start-EngineScan: Connect or Nmap.</para>
    /// </summary>
    [Parameter]
    public ScannerKind Scanner { get; set; }

    /// <summary>
    /// <para>Which of an engine's waiting scans is started first.</para>
    /// </summary>
    [Parameter]
    public ScanPriority Priority { get; set; }

    /// <summary>
    /// <para>How often a scan is run at most, should the engine lose it or its scanner fail.</para>
    /// </summary>
    [Parameter]
    [ValidateRange(1, ScanTerms.MostAttempts)]
    public int MaxAttempts { get; set; }

    /// <summary>Whether any of the terms was given.</summary>
    private protected bool HasTerms => MyInvocation.BoundParameters.Keys.Any(
        name => typeof(ScheduleTermsCommand).GetProperty(name)?.DeclaringType == typeof(ScheduleTermsCommand));

    /// <summary>The schedule with the terms that were given.</summary>
    private protected ScheduleRecord WithTerms(ScheduleRecord schedule) => schedule with
    {
        Cron = ScheduleTiming.Read(Cron, Daily, Weekly, At) ?? schedule.Cron,
        TimeZone = TimeZone is null ? schedule.TimeZone : ZoneTime.Find(TimeZone).Id,
        StartDate = IsBound(nameof(StartDate)) ? Day(StartDate) : schedule.StartDate,
        EndDate = IsBound(nameof(EndDate)) ? Day(EndDate) : schedule.EndDate,
        MaxDuration = !IsBound(nameof(MaxDuration)) ? schedule.MaxDuration
            : MaxDuration == TimeSpan.Zero ? null : MaxDuration,
        BlackOut = IsBound(nameof(BlackOut)) ? BlackOut ?? [] : schedule.BlackOut,
        Missed = Bound(nameof(Missed), Missed) ?? schedule.Missed,
        Overlap = Bound(nameof(Overlap), Overlap) ?? schedule.Overlap,
        OnLimit = Bound(nameof(OnLimit), OnLimit) ?? schedule.OnLimit,
        Priority = Bound(nameof(Priority), Priority) ?? schedule.Priority,
        MaxAttempts = Bound(nameof(MaxAttempts), MaxAttempts) ?? schedule.MaxAttempts,
        Request = schedule.Request with
        {
            Targets = Targets() ?? schedule.Request.Targets,
            Exclude = IsBound(nameof(Exclude)) ? Exclude ?? [] : schedule.Request.Exclude,
            Ports = Ports() ?? schedule.Request.Ports,
            Timeout = Bound(nameof(Timeout), Timeout) ?? schedule.Request.Timeout,
            Parallelism = Bound(nameof(Parallelism), Parallelism) ?? schedule.Request.Parallelism,
            MaxRate = Bound(nameof(MaxRate), MaxRate) ?? schedule.Request.MaxRate,
            Scanner = Bound(nameof(Scanner), Scanner) ?? schedule.Request.Scanner,
        },
    };

    /// <summary>Shows what would be, with the next times, and asks; with -WhatIf the schedule is an object as well.</summary>
    private protected bool ShouldWrite(ScheduleRecord schedule, string engine, string action)
    {
        var zone = ZoneTime.Find(schedule.TimeZone);
        IEnumerable<string> times = Admin.Schedules.Times(schedule, ShownTimes).Select(time => string.Create(
            CultureInfo.InvariantCulture,
            $"  {TimeZoneInfo.ConvertTime(time, zone):ddd yyyy-MM-dd HH:mm zzz}{Hindered(schedule, time, zone)}"));
        string description = string.Join(
            Environment.NewLine,
            times.Prepend($"{action} '{schedule.Name}' of {(schedule.IsPool ? "pool" : "engine")} '{engine}': {schedule.TargetsTotal} targets, ports "
                + $"{schedule.Request.Ports}. The next times ({schedule.TimeZone}):"));
        if (ShouldProcess(description, description, action, out ShouldProcessReason reason))
        {
            return true;
        }

        if (reason == ShouldProcessReason.WhatIf)
        {
            WriteObject(Output(schedule, engine));
        }

        return false;
    }

    private protected EngineScanSchedule Output(ScheduleRecord schedule, string engine) =>
        new(schedule, engine, Admin.Schedules.Times(schedule, ShownTimes), Folder.Root);

    private string Hindered(ScheduleRecord schedule, DateTimeOffset time, TimeZoneInfo zone) =>
        Admin.Schedules.Hindered(schedule, time) is not { } until ? string.Empty : string.Create(
            CultureInfo.InvariantCulture,
            $" (in a maintenance window until {TimeZoneInfo.ConvertTime(until, zone):yyyy-MM-dd HH:mm zzz})");

    private string[]? Targets() => Target is null && TargetFile is null ? null :
    [
        .. Target ?? [],
        .. (TargetFile ?? []).SelectMany(file => Scanning.Targets.TargetFile.Read(FileSystemPath(
            file, FaultCode.TargetInvalid, "The list of targets ", "Name a text file with one target a line."))),
    ];

    private string? Ports()
    {
        if (TopPorts == 0)
        {
            return Port is null ? null : string.Join(',', Port);
        }

        return string.Join(',', [.. Port ?? [], ServiceList.Local.Top(TopPorts).ToString()]);
    }

    private static DateOnly? Day(DateTime? time) => time is { } day ? DateOnly.FromDateTime(day) : null;
}
