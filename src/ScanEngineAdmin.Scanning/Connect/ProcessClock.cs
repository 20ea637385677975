namespace ScanEngineAdmin.Scanning.Connect;

/// <summary>
/// The time without that in which this process did not run (a frozen virtual machine, a host without a free processor).
/// A timer ticks while the process runs: a longer gap between two ticks was a stop.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="tick">The timer's period.</param>
internal sealed class ProcessClock(TimeProvider time, TimeSpan tick)
{
    /// <summary>Ticks that the system's timers may be late by.</summary>
    private const int GapTicks = 3;

    private readonly long _longestGap = (long)(GapTicks * tick.TotalSeconds * time.TimestampFrequency);
    private long _ticked = time.GetTimestamp();
    private long _stopped;

    /// <summary>A timestamp of the clock, less the stops.</summary>
    public long Now => time.GetTimestamp() - Volatile.Read(ref _stopped);

    /// <summary>To be called by the timer, by one thread at a time.</summary>
    public void Tick()
    {
        long now = time.GetTimestamp();
        Volatile.Write(ref _stopped, _stopped + Math.Max(0, now - _ticked - _longestGap));
        _ticked = now;
    }
}
