using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// How much time scans have left. The wall clock is asked once, when this process first sees a deadline; from then on
/// elapsed time counts, which no jump of the clock touches. At that first look a scan has at most the time that it was
/// given, so a clock that was set back makes none immortal either.
/// </summary>
internal sealed class ScanDeadlines(TimeProvider time)
{
    private readonly Dictionary<Guid, (DateTimeOffset Deadline, long Seen, TimeSpan Left)> _seen = [];

    /// <summary>Null without a deadline; below zero when it has passed.</summary>
    public TimeSpan? Left(ScanRecord scan)
    {
        if (scan.Deadline is not { } deadline)
        {
            return null;
        }

        // Another deadline than the one seen: it was resumed with a new one.
        if (!_seen.TryGetValue(scan.ScanId, out var seen) || seen.Deadline != deadline)
        {
            TimeSpan left = deadline - time.GetUtcNow();
            seen = (deadline, time.GetTimestamp(), left < scan.DeadlineAfter ? left : scan.DeadlineAfter ?? left);
            _seen[scan.ScanId] = seen;
        }

        return seen.Left - time.GetElapsedTime(seen.Seen);
    }

    /// <summary>Forgets all but these.</summary>
    public void Keep(IEnumerable<Guid> scans)
    {
        if (_seen.Count > 0)
        {
            foreach (Guid gone in _seen.Keys.Except(scans).ToList())
            {
                _seen.Remove(gone);
            }
        }
    }
}
