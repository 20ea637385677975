namespace ScanEngineAdmin.Core.Engine;

/// <summary>
/// What leases are counted by in this process: time that has passed, by the steady clock or by the host's, whichever
/// went further between two looks. So a clock that is set back prolongs no lease, and neither does a host that slept,
/// whose steady clock stands still: what goes wrong makes a lease shorter.
/// </summary>
internal sealed class LeaseClock(TimeProvider time)
{
    private readonly object _gate = new();
    private long _steady = time.GetTimestamp();
    private DateTimeOffset _shown = time.GetUtcNow();
    private TimeSpan _now;

    /// <summary>Since this clock was made; never less than before.</summary>
    public TimeSpan Now
    {
        get
        {
            lock (_gate)
            {
                long steady = time.GetTimestamp();
                DateTimeOffset shown = time.GetUtcNow();
                TimeSpan passed = time.GetElapsedTime(_steady, steady);
                TimeSpan stepped = shown - _shown;
                (_steady, _shown) = (steady, shown);
                return _now += stepped > passed ? stepped : passed;
            }
        }
    }
}
