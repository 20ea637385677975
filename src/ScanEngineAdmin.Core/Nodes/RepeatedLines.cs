using System.Globalization;

namespace ScanEngineAdmin.Core.Nodes;

/// <summary>
/// Lines that a lasting fault of this host repeats: said at once, and then at growing intervals with the number of
/// those that were left out. What is new is said at once again, and so is what was quiet for long.
/// </summary>
internal sealed class RepeatedLines(TimeProvider time)
{
    private const int Kept = 64;
    private static readonly TimeSpan FirstRest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestRest = TimeSpan.FromHours(1);

    private readonly Dictionary<string, Line> _lines = new(StringComparer.Ordinal);

    /// <summary>Whether it may be said, with what is to be said at its end.</summary>
    public bool MayLog(string text, out string note)
    {
        lock (_lines)
        {
            note = string.Empty;
            long now = time.GetTimestamp();
            if (!_lines.TryGetValue(text, out Line? line) || time.GetElapsedTime(line.Seen, now) > 2 * LongestRest)
            {
                if (_lines.Count >= Kept)
                {
                    _lines.Remove(_lines.MinBy(known => known.Value.Seen).Key);
                }

                _lines[text] = new Line { Said = now, Seen = now, Rest = FirstRest };
                return true;
            }

            line.Seen = now;
            if (time.GetElapsedTime(line.Said, now) < line.Rest)
            {
                line.LeftOut++;
                return false;
            }

            note = line.LeftOut == 0 ? string.Empty : string.Create(
                CultureInfo.InvariantCulture, $" ({line.LeftOut} more lines like this were left out.)");
            (line.Said, line.LeftOut) = (now, 0);
            line.Rest = 2 * line.Rest < LongestRest ? 2 * line.Rest : LongestRest;
            return true;
        }
    }

    private sealed class Line
    {
        public long Said { get; set; }

        public long Seen { get; set; }

        public TimeSpan Rest { get; set; }

        public long LeftOut { get; set; }
    }
}
