using Cronos;
using ScanEngineAdmin.Domain.Schedules;

namespace ScanEngineAdmin.Storage.Cron;

/// <summary>One expression of the Cronos library.</summary>
internal sealed class CronosCron(CronExpression expression) : ICron
{
    // What the library can count to ends before the calendar does.
    private const int LastYear = 2499;

    public DateTimeOffset? Next(DateTimeOffset after, TimeZoneInfo zone) =>
        after.UtcDateTime.Year > LastYear ? null : expression.GetNextOccurrence(after, zone)?.ToUniversalTime();
}
