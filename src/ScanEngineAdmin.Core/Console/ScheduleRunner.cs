using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Schedules;
using ScanEngineAdmin.Scanning.Schedules;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// Begins the runs of the console's schedules and holds them to their limits. One loop: it turns when the doorbell
/// rings, when something is due, and now and then in case a ring was lost or the clock was set.
/// </summary>
/// <param name="node">The console.</param>
/// <param name="cron">Reads the expressions.</param>
/// <param name="ringLinks">Wakes whoever starts scans.</param>
internal sealed class ScheduleRunner(ConsoleContext node, ICronReader cron, Action ringLinks)
{
    private readonly AsyncSignal _rung = new(node.Options.StoreCheck / 2);
    private readonly ScheduleLimitsCheck _limits = new(node);
    private readonly ScheduleComparer _comparer = new(node);
    private IReadOnlyList<UnderstoodSchedule> _schedules = [];
    private Dictionary<string, string> _faults = [];
    private BlackOut _blackOut = BlackOut.None;
    private long _dataVersion = -1;

    public void Ring() => _rung.Set();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        bool rung = true;
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                try
                {
                    _ = Look(rung, cancellationToken);
                }
                catch (ScanEngineException exception)
                {
                    node.Log(LogLevel.Warning, Events.StoreFault, exception.Message);
                    _dataVersion = -1;
                }

                rung = await _rung.WaitAsync(Wait(), node.Time, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            await _comparer.EndAsync().ConfigureAwait(false);
        }
    }

    /// <summary>One turn. What it returns ends with the comparison of two runs that is under way, if one is.</summary>
    internal Task Look(bool rung, CancellationToken cancellationToken)
    {
        Read(rung);

        // Most consoles have no schedules and no windows: their scans need not be read for that.
        _limits.Read(_schedules.Count > 0 || _blackOut.Until(node.Now) is not null, rung);

        // Once more, if they have changed: a scan that was resumed behind the end of a window is not held to the window.
        Read(rung: false);
        DateTimeOffset now = node.Now;
        DateTimeOffset? all = _blackOut.Until(now);
        bool over = node.IsBlackedOut && all is null;
        node.IsBlackedOut = all is not null;
        if (over)
        {
            ringLinks();
        }

        _limits.Check(_schedules, all);
        bool began = false;
        foreach (UnderstoodSchedule schedule in _schedules)
        {
            began |= Advance(schedule, all, now);
        }

        if (began)
        {
            ringLinks();
        }

        return _comparer.Wake(_schedules, _limits.IsOpen, cancellationToken);
    }

    private void Read(bool rung)
    {
        long version = node.Store.DataVersion;
        if (!rung && version == _dataVersion)
        {
            return;
        }

        Dictionary<string, string> faults = new(StringComparer.OrdinalIgnoreCase);
        var schedules = new List<UnderstoodSchedule>();
        foreach (ScheduleRecord schedule in node.Store.ListScheduleTerms())
        {
            Understand(schedule.Name, faults, () => schedules.Add(UnderstoodSchedule.Of(schedule, cron)));
        }

        // A window that this host cannot reckon would last for ever: it is said instead, and forbids nothing.
        BlackOut windows = BlackOut.None;
        Understand(string.Empty, faults, () => windows = ConsoleBlackOut.Read(node.Store).Understood());
        (_schedules, _blackOut, _faults) = (schedules, windows, faults);
        _dataVersion = version;
    }

    /// <summary>What cannot be reckoned on this host is said once, until it is another fault.</summary>
    private void Understand(string name, Dictionary<string, string> faults, Action read)
    {
        try
        {
            read();
        }
        catch (ScanEngineException fault) when (fault.Code is FaultCode.ScheduleInvalid or FaultCode.StoreDamaged)
        {
            faults[name] = fault.Message;
            if (_faults.GetValueOrDefault(name) != fault.Message)
            {
                node.Log(
                    LogLevel.Warning, Events.ScheduleFault,
                    name.Length == 0 ? fault.Message : $"Schedule {name}: {fault.Message}", ("schedule", name));
            }
        }
    }

    /// <summary>Whether a run began. The store is only written to where something has changed.</summary>
    private bool Advance(UnderstoodSchedule schedule, DateTimeOffset? all, DateTimeOffset now)
    {
        ScheduleAdvance seen = schedule.Advance(all, _limits.IsRunning(schedule.Record.Name), now);
        if (seen.Run is null && seen.Schedule == schedule.Record)
        {
            return false;
        }

        ScheduleStep? made = node.Store.StepSchedule(
            schedule.Record.Name, (read, owner, running) => Step(read, owner, running, all, now));
        return made?.Scan is not null;
    }

    /// <summary>By what the store has at this moment: another process may have changed it since it was read.</summary>
    private ScheduleStep Step(
        ScheduleRecord read, string owner, bool running, DateTimeOffset? all, DateTimeOffset now)
    {
        ScheduleAdvance advance;
        try
        {
            advance = UnderstoodSchedule.Of(read, cron).Advance(all, running, now);
        }
        catch (ScanEngineException fault) when (fault.Code == FaultCode.ScheduleInvalid)
        {
            // The next look says so.
            return new ScheduleStep(read, null, []);
        }

        ScanRecord? scan = advance.Run is null ? null : new ScanRecord
        {
            ScanId = Guid.NewGuid(),
            PairingId = read.PairingId,
            EngineName = owner,
            IsPool = read.IsPool,
            Attempt = read.IsPool ? 1 : 0,
            Request = read.Request,
            State = ScanState.Queued,
            Queued = now,
            Priority = read.Priority,
            MaxAttempts = read.MaxAttempts,
            TargetsTotal = read.TargetsTotal,
            Schedule = read.Name,
        };
        List<AuditEvent> notes =
            [.. advance.Notes.Select(note => Note(read, owner, note.Event, $"{read.Name}: {note.Detail}"))];
        if (scan is not null)
        {
            notes.Add(Note(read, owner, Events.ScheduleRun, $"{read.Name}: {scan.ScanId:D}, due {advance.Run:u}"));
        }

        foreach (AuditEvent note in notes)
        {
            node.Log(LogLevel.Information, note.Event, note.Detail, ("engine", owner), ("schedule", read.Name));
        }

        return new ScheduleStep(
            scan is null ? advance.Schedule : advance.Schedule with { LastScanId = scan.ScanId }, scan, notes);
    }

    private AuditEvent Note(ScheduleRecord schedule, string owner, string name, string detail) =>
        node.Note(schedule.PairingId, owner, name, "console", detail, AuditClass.Schedule);

    private TimeSpan Wait()
    {
        TimeSpan wait = node.Options.StoreCheck;
        DateTimeOffset now = node.Now;
        foreach (UnderstoodSchedule schedule in _schedules)
        {
            if (schedule.Record.Next is { } next && next > now && next - now < wait)
            {
                wait = next - now;
            }
        }

        return wait;
    }
}
