using System.Globalization;
using System.Text.Json;
using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Schedules;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Scanning.Plan;
using ScanEngineAdmin.Scanning.Schedules;

namespace ScanEngineAdmin.Core.Admin;

/// <summary>An admin's half of a schedule: the row that the running console begins runs by.</summary>
internal sealed class ScheduleAdmin
{
    private readonly IConsoleStore _store;
    private readonly NodeClient _client;
    private readonly ScanQueue _scans;
    private readonly ICronReader _cron;

    internal ScheduleAdmin(IConsoleStore store, NodeClient client, ScanQueue scans, ICronReader cron)
    {
        _store = store;
        _client = client;
        _scans = scans;
        _cron = cron;
    }

    public DateTimeOffset Now => _client.Time.GetUtcNow();

    /// <summary>The console's own maintenance windows.</summary>
    public ConsoleBlackOut BlackOut => ConsoleBlackOut.Read(_store);

    /// <summary>The next times of a schedule; the console's windows and its own are not reckoned with.</summary>
    public IReadOnlyList<DateTimeOffset> Times(ScheduleRecord schedule, int most) =>
        schedule.Enabled ? ScheduleTimes.Of(schedule, _cron).List(Now, most) : [];

    /// <summary>The maintenance window that a time of the schedule falls into: its end; null for none.</summary>
    public DateTimeOffset? Hindered(ScheduleRecord schedule, DateTimeOffset time)
    {
        DateTimeOffset? own = Scanning.Schedules.BlackOut.Of(schedule.BlackOut, schedule.TimeZone).Until(time);
        return BlackOut.Understood().Until(time) is { } all && (own is null || all > own) ? all : own;
    }

    /// <summary>
    /// What <see cref="Add"/> would write, or its refusal: ScheduleInvalid, ScheduleNameInUse, TargetInvalid,
    /// PortRangeInvalid, TooManyTargets, EngineNotFound.
    /// </summary>
    public ScheduleRecord Check(ScheduleRecord schedule, bool isNew)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        if (isNew)
        {
            CheckName(schedule.Name);
        }

        var terms = new ScanTerms { Priority = schedule.Priority, MaxAttempts = schedule.MaxAttempts };
        ScanPlan plan = schedule.IsPool
            ? _scans.CheckTerms(schedule.Request, terms)
            : _scans.Plan(schedule.PairingId, schedule.Request, terms);
        if (plan.Request.Targets.Concat(plan.Request.Exclude).Sum(text => text.Length) > ScheduleLimits.MaxTargetText)
        {
            throw ScheduleFaults.Invalid(
                "The targets' texts are too long to be kept in a schedule.", "Split them over several schedules.");
        }

        ScheduleRecord whole = schedule with { Request = plan.Request, TargetsTotal = plan.Targets.Count };
        CheckTimes(whole);
        return whole with { Next = ScheduleAdvance.Next(whole, ScheduleTimes.Of(whole, _cron), Now) };
    }

    public ScheduleRecord Add(ScheduleRecord schedule)
    {
        ScheduleRecord whole = Check(schedule, isNew: true);
        _store.AddSchedule(whole, Note(Events.ScheduleAdded, whole, Owner(whole)));
        _client.Ring();
        return whole;
    }

    /// <summary>
    /// Writes nothing where nothing differs. Throws as <see cref="Check"/>, and ScheduleNotFound.
    /// </summary>
    public ScheduleRecord Set(string name, Func<ScheduleRecord, ScheduleRecord> change)
    {
        ScheduleRecord read = _store.FindSchedule(name) ?? throw ScheduleFaults.NotFound(name);
        ScheduleRecord whole = Check(change(read), isNew: false);
        if (Terms(read) == Terms(whole))
        {
            return read;
        }

        // The console may have entered a run meanwhile: its books stay, and so does a time that was missed.
        string engine = Owner(whole);
        ScheduleRecord set = _store.UpdateSchedule(
            name,
            now => whole with
            {
                Next = HaveSameTimes(now, whole) ? now.Next : whole.Next,
                Waiting = whole.Enabled ? now.Waiting : null,
                LastDue = now.LastDue,
                LastScanId = now.LastScanId,
                ComparedScanId = now.ComparedScanId,
                Runs = now.Runs,
                Skipped = now.Skipped,
                Detail = string.Empty,
            },
            schedule => Note(Events.ScheduleSet, schedule, engine)) ?? throw ScheduleFaults.NotFound(name);
        _client.Ring();
        return set;
    }

    public void Remove(string name)
    {
        ScheduleRecord there = _store.FindSchedule(name) ?? throw ScheduleFaults.NotFound(name);
        string engine = Owner(there);
        if (!_store.RemoveSchedule(name, schedule => Note(Events.ScheduleRemoved, schedule, engine)))
        {
            throw ScheduleFaults.NotFound(name);
        }

        _client.Ring();
    }

    /// <exception cref="Domain.Faults.ScanEngineException">ScheduleInvalid.</exception>
    public void SetBlackOut(ConsoleBlackOut windows)
    {
        ArgumentNullException.ThrowIfNull(windows);
        windows.Understood();
        windows.Write(_store);
        _client.Done(
            Events.ScheduleBlackOutSet, null, string.Empty,
            windows.Windows.Count == 0 ? "none" : $"{string.Join("; ", windows.Windows)} ({windows.TimeZone})");
    }

    /// <summary>The name of its engine or pool; empty if that is gone.</summary>
    public string Owner(ScheduleRecord schedule) => (schedule.IsPool
        ? _store.GetPool(schedule.PairingId)?.Name
        : _store.GetEngine(schedule.PairingId)?.Name) ?? string.Empty;

    private void CheckName(string name)
    {
        if (EngineName.Flaw(name) is { } flaw)
        {
            throw ScheduleFaults.Invalid(
                $"'{name}' is not a name for a schedule: {flaw}.",
                $"Use 1 to {EngineName.MaxLength} letters of one script, digits, '.', '_', '-' and blanks inside.",
                name);
        }

        foreach (ScheduleRecord other in _store.ListScheduleTerms())
        {
            if (string.Equals(other.Name, name, StringComparison.OrdinalIgnoreCase)
                || EngineName.LooksLike(other.Name, name))
            {
                throw ScheduleFaults.InUse(other.Name, name);
            }
        }
    }

    private void CheckTimes(ScheduleRecord schedule)
    {
        if (schedule.Cron.Count is < 1 or > ScheduleLimits.MaxExpressions)
        {
            throw ScheduleFaults.Invalid(
                $"A schedule has 1 to {ScheduleLimits.MaxExpressions} times, and {schedule.Cron.Count} are given.",
                "Give -Cron, or -Daily or -Weekly with -At.");
        }

        if (new[] { schedule.StartDate, schedule.EndDate }.Any(day => day is { } one && !ScheduleLimits.IsDate(one))
            || schedule.EndDate < schedule.StartDate)
        {
            throw ScheduleFaults.Invalid(
                $"The dates {Shown(schedule.StartDate)} to {Shown(schedule.EndDate)} cannot be used.",
                "Give -StartDate and -EndDate in their order.");
        }

        if (schedule.MaxDuration is { } most && (most < ScheduleLimits.MinDuration || most > ScheduleLimits.MaxDuration))
        {
            throw ScheduleFaults.Invalid(
                $"A longest duration of {most} is out of range.",
                $"Give -MaxDuration from {ScheduleLimits.MinDuration.TotalMinutes:0} minute to "
                    + $"{ScheduleLimits.MaxDuration.TotalDays:0} days.");
        }

        Scanning.Schedules.BlackOut.Of(schedule.BlackOut, schedule.TimeZone);
        if (schedule.Enabled && ScheduleTimes.Of(schedule, _cron).Next(Now) is null)
        {
            throw ScheduleFaults.Invalid(
                $"The schedule has no time to come ({string.Join("; ", schedule.Cron)}"
                    + $"{(schedule.EndDate is null ? string.Empty : $", until {Shown(schedule.EndDate)}")}).",
                "Give a later -EndDate, or other times.");
        }
    }

    private static string Shown(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "(none)";

    // As text: the lists of a record are no values.
    private static string Terms(ScheduleRecord schedule) => JsonSerializer.Serialize(schedule with { Next = null });

    private static bool HaveSameTimes(ScheduleRecord one, ScheduleRecord other) =>
        one.Cron.SequenceEqual(other.Cron) && one.TimeZone == other.TimeZone && one.StartDate == other.StartDate
        && one.EndDate == other.EndDate && one.Enabled == other.Enabled;


    private AuditEvent Note(string name, ScheduleRecord schedule, string engine)
    {
        string next = schedule.Next is { } time ? $"next {time:u}" : schedule.Enabled ? "no further time" : "disabled";
        return _client.Note(
            name, schedule.PairingId, engine,
            $"{schedule.Name}: {string.Join("; ", schedule.Cron)} ({schedule.TimeZone}), {next}");
    }
}
