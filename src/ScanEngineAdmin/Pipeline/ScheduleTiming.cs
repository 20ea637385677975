using System.Globalization;
using ScanEngineAdmin.Domain.Schedules;

namespace ScanEngineAdmin.Pipeline;

/// <summary>Makes cron expressions of the ways to say when.</summary>
internal static class ScheduleTiming
{
    private static readonly string[] Forms = ["HH:mm", "H:mm"];

    /// <summary>Null where nothing was said.</summary>
    /// <exception cref="Domain.Faults.ScanEngineException">ScheduleInvalid.</exception>
    public static IReadOnlyList<string>? Read(string[]? cron, bool daily, DayOfWeek[]? weekly, string[]? at)
    {
        bool simple = daily || weekly is not null || at is not null;
        if (cron is not null)
        {
            return !simple ? [.. cron.Select(one => one.Trim()).Distinct()] : throw ScheduleFaults.Invalid(
                "-Cron says when, and so do -Daily, -Weekly and -At.", "Give one of both.");
        }

        if (!simple)
        {
            return null;
        }

        if (at is not { Length: > 0 } || (daily && weekly is not null) || weekly is { Length: 0 })
        {
            throw ScheduleFaults.Invalid(
                "When the scan begins is not said, or twice.",
                "Give -Daily -At 02:00, or -Weekly Monday, Friday -At 02:00, 14:30, or -Cron.");
        }

        string days = weekly is null
            ? "*"
            : string.Join(',', weekly.Distinct().Order().Select(day => $"{day}"[..3].ToUpperInvariant()));
        return [.. at.Select(Time).Distinct().Order().Select(time => string.Create(
            CultureInfo.InvariantCulture, $"{time.Minute} {time.Hour} * * {days}"))];
    }

    private static TimeOnly Time(string text) =>
        TimeOnly.TryParseExact(text?.Trim(), Forms, CultureInfo.InvariantCulture, DateTimeStyles.None, out TimeOnly time)
            ? time
            : throw ScheduleFaults.Invalid($"'{text}' is no time of a day.", "Give hours and minutes: -At 02:00.", text);
}
