namespace ScanEngineAdmin.Domain.Schedules;

/// <summary>
/// A cron expression that was understood. Where daylight saving time begins, a run in the hour that is left out comes
/// at its end; where it ends, a fixed time comes once, and a time that recurs within the hour in both hours.
/// </summary>
internal interface ICron
{
    /// <summary>The first time after that one, as the clocks of the time zone go; null if there is none.</summary>
    DateTimeOffset? Next(DateTimeOffset after, TimeZoneInfo zone);
}
