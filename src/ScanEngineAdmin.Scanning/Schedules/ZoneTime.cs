using ScanEngineAdmin.Domain.Schedules;

namespace ScanEngineAdmin.Scanning.Schedules;

/// <summary>What the clocks of a time zone show, as moments.</summary>
internal static class ZoneTime
{
    private const int LongestGap = 180;

    /// <exception cref="Domain.Faults.ScanEngineException">ScheduleInvalid.</exception>
    public static TimeZoneInfo Find(string id)
    {
        try
        {
            return TimeZoneInfo.FindSystemTimeZoneById(id);
        }
        catch (Exception e) when (e is TimeZoneNotFoundException or InvalidTimeZoneException
            or System.Security.SecurityException or ArgumentException)
        {
            throw ScheduleFaults.Invalid(
                $"This host knows no time zone '{id}'.",
                "Name one of Get-TimeZone -ListAvailable, as Europe/Berlin or UTC.",
                id);
        }
    }

    /// <summary>
    /// The moment at which clocks show that. One that they leave out is when they go on; of one that they show twice it
    /// is the first, or the second.
    /// </summary>
    public static DateTimeOffset At(DateTime local, TimeZoneInfo zone, bool second)
    {
        for (int minute = 0; minute < LongestGap && zone.IsInvalidTime(local); minute++)
        {
            local = local.AddMinutes(1);
        }

        TimeSpan[] offsets = zone.IsAmbiguousTime(local)
            ? zone.GetAmbiguousTimeOffsets(local) : [zone.GetUtcOffset(local)];
        return new DateTimeOffset(local, second ? offsets.Min() : offsets.Max()).ToUniversalTime();
    }

    public static DateTime Local(DateTimeOffset moment, TimeZoneInfo zone) =>
        TimeZoneInfo.ConvertTime(moment, zone).DateTime;
}
