using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Schedules;

namespace ScanEngineAdmin.Scanning.Schedules;

/// <summary>
/// What becomes of a schedule at a moment: the rules, without a store or a loop. No time leads to two runs, and none is
/// left out without being counted.
/// </summary>
internal sealed class ScheduleAdvance
{
    // Beyond that so many were missed that nobody needs their number.
    private const int MostCounted = 100_000;

    // Clocks are set back by seconds; by more than this one was wrong, and what was done under it counts no more.
    private static readonly TimeSpan WrongClock = TimeSpan.FromDays(1);

    private readonly ScheduleTimes _times;
    private readonly List<(string Event, string Detail)> _notes = [];
    private readonly DateTimeOffset _now;
    private readonly DateTimeOffset? _blackOut;
    private readonly bool _running;

    private ScheduleAdvance(
        ScheduleRecord schedule, ScheduleTimes times, DateTimeOffset? blackOut, bool running, DateTimeOffset now)
    {
        Schedule = schedule;
        _times = times;
        _now = now;
        _blackOut = blackOut;
        _running = running;
    }

    public ScheduleRecord Schedule { get; private set; }

    /// <summary>When the run was due that begins now; null if none does.</summary>
    public DateTimeOffset? Run { get; private set; }

    public IReadOnlyList<(string Event, string Detail)> Notes => _notes;

    /// <param name="schedule">As it is.</param>
    /// <param name="times">When its runs are due.</param>
    /// <param name="blackOut">The end of a window that lasts now.</param>
    /// <param name="running">Whether a run of it is not finished.</param>
    /// <param name="now">The moment.</param>
    public static ScheduleAdvance Of(
        ScheduleRecord schedule, ScheduleTimes times, DateTimeOffset? blackOut, bool running, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        ArgumentNullException.ThrowIfNull(times);
        var advance = new ScheduleAdvance(schedule, times, blackOut, running, now);
        if (schedule.Enabled)
        {
            advance.Look();
        }

        return advance;
    }

    /// <summary>The next time, reckoned from now: what was dealt with under this clock is not due again.</summary>
    public static DateTimeOffset? Next(ScheduleRecord schedule, ScheduleTimes times, DateTimeOffset now) =>
        !schedule.Enabled ? null
            : times.Next(schedule.LastDue is { } last && last > now && last - now < WrongClock ? last : now);

    private void Look()
    {
        if (Schedule.Next is { } due && due <= _now)
        {
            Take(due);
        }
        else
        {
            // Also after the clock was set back, or the rules of the time zone have changed.
            DateTimeOffset? next = Next(Schedule, _times, _now);
            Schedule = Schedule.Next == next ? Schedule : Schedule with { Next = next };
        }

        if (Run is null && Schedule.Waiting is { } waiting && _blackOut is null && !_running)
        {
            Begin(waiting);
        }
    }

    private void Take(DateTimeOffset first)
    {
        (DateTimeOffset last, int count) = (first, 1);
        for (; count < MostCounted && _times.Next(last) is { } next && next <= _now; count++)
        {
            last = next;
        }

        Schedule = Schedule with { LastDue = last, Next = _times.Next(_now) };
        bool late = _now - last > ScheduleLimits.Lateness;
        bool wanted = !late || Schedule.Missed == MissedRunRule.Once;
        if (count > 1 || !wanted)
        {
            string instead = !wanted ? string.Empty : late ? "; one run makes up for them" : "; one is on time";
            Skip(
                wanted ? count - 1 : count,
                $"{count} {(count == 1 ? "run was" : "runs were")} due from {first:u} on, and nothing ran that could "
                    + $"begin {(count == 1 ? "it" : "them")}{instead}");
        }

        if (wanted)
        {
            Want(last);
        }
    }

    private void Want(DateTimeOffset due)
    {
        if (_blackOut is { } until)
        {
            string why = $"the run of {due:u} is due in a maintenance window that lasts until {until:u}";
            Hold(due, Schedule.Missed == MissedRunRule.Once, why);
        }
        else if (_running)
        {
            Hold(due, Schedule.Overlap == OverlapRule.Queue, $"the run of {due:u} is due, and the one before is not over");
        }
        else
        {
            // A run that waited has waited for the same.
            Schedule = Schedule.Waiting is null ? Schedule : Schedule with { Skipped = Schedule.Skipped + 1 };
            Begin(due);
        }
    }

    private void Hold(DateTimeOffset due, bool waits, string why)
    {
        if (!waits)
        {
            Skip(1, why);
        }
        else if (Schedule.Waiting is { } waiting)
        {
            Skip(1, $"{why}; the run of {waiting:u} waits already");
        }
        else
        {
            Schedule = Schedule with { Waiting = due, Detail = $"{why}: it waits" };
        }
    }

    private void Skip(int count, string why)
    {
        Schedule = Schedule with { Skipped = Schedule.Skipped + count, Detail = why };
        _notes.Add((Events.ScheduleRunSkipped, why));
    }

    private void Begin(DateTimeOffset due)
    {
        Run = due;
        Schedule = Schedule with { Waiting = null, Runs = Schedule.Runs + 1, Detail = string.Empty };
    }
}
