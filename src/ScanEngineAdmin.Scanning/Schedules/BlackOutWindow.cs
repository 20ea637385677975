using System.Globalization;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Schedules;
using ScanEngineAdmin.Domain.Text;

namespace ScanEngineAdmin.Scanning.Schedules;

/// <summary>
/// A maintenance window: on days of the week ('Mon-Fri 08:00-18:00', '22:00-02:00' on every day, '24:00' for the end of
/// a day) or once ('2030-12-24/2030-12-26' for whole days, '2030-12-24 18:00/2030-12-27 06:00').
/// </summary>
internal sealed class BlackOutWindow
{
    private const int DayMinutes = 24 * 60;
    private static readonly string[] Days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
    private static readonly string[] Moments = ["yyyy-MM-dd HH:mm", "yyyy-MM-dd'T'HH:mm"];

    private readonly bool[] _days = new bool[Days.Length];
    private int _start;
    private int _end;
    private (DateTime From, DateTime To)? _once;

    private BlackOutWindow()
    {
    }

    /// <exception cref="ScanEngineException">ScheduleInvalid.</exception>
    public static BlackOutWindow Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string clean = TypedText.Clean(text);
        var window = new BlackOutWindow();
        return (clean.Contains('/', StringComparison.Ordinal) ? window.TryOnce(clean) : window.TryWeekly(clean))
            ? window
            : throw ScheduleFaults.Invalid(
                $"'{TypedText.Shown(text)}' is no maintenance window.",
                "Give hours ('22:00-02:00'), days and hours ('Mon-Fri 08:00-18:00', 'Sat,Sun 00:00-24:00'), whole dates "
                    + "('2030-12-24/2030-12-26') or a time ('2030-12-24 18:00/2030-12-27 06:00').",
                text);
    }

    /// <summary>The end of the window that lasts at that moment; null if none does.</summary>
    public DateTimeOffset? End(DateTimeOffset now, TimeZoneInfo zone)
    {
        if (_once is { } once)
        {
            return Last(once.From, once.To, now, zone);
        }

        // One that began yesterday may last.
        DateTime today = ZoneTime.Local(now, zone).Date;
        for (int back = 0; back <= 1 && today.Ticks > back * TimeSpan.TicksPerDay; back++)
        {
            DateTime day = today.AddDays(-back);
            int end = _end <= _start ? _end + DayMinutes : _end;
            if (_days[(int)day.DayOfWeek]
                && Last(day.AddMinutes(_start), day.AddMinutes(end), now, zone) is { } over)
            {
                return over;
            }
        }

        return null;
    }

    private static DateTimeOffset? Last(DateTime from, DateTime to, DateTimeOffset now, TimeZoneInfo zone)
    {
        DateTimeOffset end = ZoneTime.At(to, zone, second: true);
        return ZoneTime.At(from, zone, second: false) <= now && now < end ? end : null;
    }

    private bool TryOnce(string text)
    {
        string[] ends = text.Split('/', StringSplitOptions.TrimEntries);
        if (ends.Length != 2 || Moment(ends[0], last: false) is not { } from || Moment(ends[1], last: true) is not { } to)
        {
            return false;
        }

        _once = (from, to);
        return from < to;
    }

    private static DateTime? Moment(string text, bool last)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        return DateTime.TryParseExact(text, Moments, culture, DateTimeStyles.None, out DateTime time)
            && ScheduleLimits.IsDate(DateOnly.FromDateTime(time)) ? time
            : DateOnly.TryParseExact(text, "yyyy-MM-dd", culture, DateTimeStyles.None, out DateOnly day)
                && ScheduleLimits.IsDate(day) ? day.AddDays(last ? 1 : 0).ToDateTime(TimeOnly.MinValue)
            : null;
    }

    private bool TryWeekly(string text)
    {
        string[] words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length is 0 or > 2 || (words.Length == 2 && !TryDays(words[0])))
        {
            return false;
        }

        if (words.Length == 1)
        {
            Array.Fill(_days, true);
        }

        string[] hours = words[^1].Split('-');
        return hours.Length == 2 && TryMinutes(hours[0], out _start) && TryMinutes(hours[1], out _end)
            && _start < DayMinutes && _start != _end;
    }

    private bool TryDays(string text)
    {
        foreach (string part in text.ToUpperInvariant().Split(','))
        {
            string[] ends = part.Split('-');
            int first = Day(ends[0]);
            int last = Day(ends[^1]);
            if (ends.Length > 2 || first < 0 || last < 0)
            {
                return false;
            }

            for (int day = first; ; day = (day + 1) % Days.Length)
            {
                _days[day] = true;
                if (day == last)
                {
                    break;
                }
            }
        }

        return true;
    }

    // As the days' names are shortened, or in full.
    private static int Day(string text) => text.Length == 3
        ? Array.IndexOf(Days, text)
        : Array.FindIndex(Enum.GetNames<DayOfWeek>(), day => day.Equals(text, StringComparison.OrdinalIgnoreCase));

    private static bool TryMinutes(string text, out int minutes)
    {
        bool isTime = TimeOnly.TryParseExact(
            text, ["HH:mm", "H:mm"], CultureInfo.InvariantCulture, DateTimeStyles.None, out TimeOnly time);
        minutes = text == "24:00" ? DayMinutes : (time.Hour * 60) + time.Minute;
        return isTime || text == "24:00";
    }
}
