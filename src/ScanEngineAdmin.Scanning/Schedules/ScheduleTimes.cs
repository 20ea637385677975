using ScanEngineAdmin.Domain.Schedules;

namespace ScanEngineAdmin.Scanning.Schedules;

/// <summary>When the runs of a schedule are due.</summary>
internal sealed class ScheduleTimes
{
    private readonly IReadOnlyList<ICron> _expressions;
    private readonly TimeZoneInfo _zone;
    private readonly DateTimeOffset? _start;
    private readonly DateTimeOffset? _end;

    private ScheduleTimes(ScheduleRecord schedule, ICronReader reader)
    {
        _zone = ZoneTime.Find(schedule.TimeZone);
        _expressions = [.. schedule.Cron.Select(reader.Read)];
        _start = schedule.StartDate is { } first ? Midnight(first) : null;
        _end = schedule.EndDate is { } last && last < DateOnly.MaxValue ? Midnight(last.AddDays(1)) : null;
    }

    /// <exception cref="Domain.Faults.ScanEngineException">ScheduleInvalid.</exception>
    public static ScheduleTimes Of(ScheduleRecord schedule, ICronReader reader)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        ArgumentNullException.ThrowIfNull(reader);
        return new ScheduleTimes(schedule, reader);
    }

    /// <summary>The first time after that one; null if there is none any more.</summary>
    public DateTimeOffset? Next(DateTimeOffset after)
    {
        // Midnight itself may be a time.
        DateTimeOffset from = _start is { } start && after < start ? start.AddTicks(-1) : after;
        DateTimeOffset? next = _expressions.Min(expression => expression.Next(from, _zone));
        return next < _end || _end is null ? next : null;
    }

    public IReadOnlyList<DateTimeOffset> List(DateTimeOffset after, int most)
    {
        List<DateTimeOffset> times = [];
        for (DateTimeOffset? next = Next(after); next is { } time && times.Count < most; next = Next(time))
        {
            times.Add(time);
        }

        return times;
    }

    private DateTimeOffset Midnight(DateOnly day) =>
        ZoneTime.At(day.ToDateTime(TimeOnly.MinValue), _zone, second: false);
}
