using System.Globalization;

namespace ScanEngineAdmin.Pipeline;

/// <summary>
/// Reads a duration: a TimeSpan, a number of seconds, '30s', '5m', '1h', '2d', '250ms' or '00:00:30'.
/// </summary>
internal static class DurationText
{
    public static bool TryRead(object? value, out TimeSpan duration)
    {
        duration = default;
        switch (value)
        {
            case TimeSpan span:
                duration = span;
                return true;
            case string text:
                return TryRead(text.Trim(), out duration);
            case byte or sbyte or short or ushort or int or uint or long or ulong or float or double or decimal:
                return TryScale(Convert.ToDouble(value, CultureInfo.InvariantCulture), 1, out duration);
            default:
                return false;
        }
    }

    private static bool TryRead(string text, out TimeSpan duration)
    {
        // A TimeSpan would read '30' as thirty days: only what has a colon is one.
        if (text.Contains(':', StringComparison.Ordinal))
        {
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out duration);
        }

        string digits = text.TrimEnd("mMsShHdD".ToCharArray());
        double scale = text[digits.Length..].ToLowerInvariant() switch
        {
            "" or "s" => 1,
            "ms" => 0.001,
            "m" => 60,
            "h" => 3600,
            "d" => 86400,
            _ => double.NaN,
        };
        duration = default;
        return !double.IsNaN(scale)
            && double.TryParse(
                digits.TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double n)
            && TryScale(n, scale, out duration);
    }

    private static bool TryScale(double number, double scale, out TimeSpan duration)
    {
        double seconds = number * scale;
        bool fits = double.IsFinite(seconds) && Math.Abs(seconds) < TimeSpan.MaxValue.TotalSeconds;
        duration = fits ? TimeSpan.FromSeconds(seconds) : default;
        return fits;
    }
}
