using ScanEngineAdmin.Domain.Schedules;

namespace ScanEngineAdmin.Scanning.Schedules;

/// <summary>A schedule whose times and windows this host can reckon.</summary>
internal sealed record UnderstoodSchedule(ScheduleRecord Record, ScheduleTimes Times, BlackOut BlackOut)
{
    /// <exception cref="Domain.Faults.ScanEngineException">ScheduleInvalid.</exception>
    public static UnderstoodSchedule Of(ScheduleRecord schedule, ICronReader cron)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        return new UnderstoodSchedule(
            schedule, ScheduleTimes.Of(schedule, cron), BlackOut.Of(schedule.BlackOut, schedule.TimeZone));
    }

    /// <summary>What becomes of it now.</summary>
    /// <param name="all">The end of a window of the whole console.</param>
    /// <param name="running">Whether a run of it is not finished.</param>
    /// <param name="now">The moment.</param>
    public ScheduleAdvance Advance(DateTimeOffset? all, bool running, DateTimeOffset now)
    {
        DateTimeOffset? own = BlackOut.Until(now);
        return ScheduleAdvance.Of(Record, Times, all is not null && (own is null || all > own) ? all : own, running, now);
    }
}
