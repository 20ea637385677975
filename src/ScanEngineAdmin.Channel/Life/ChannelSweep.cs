using System.Collections.Concurrent;
using ScanEngineAdmin.Channel.Streams;

namespace ScanEngineAdmin.Channel.Life;

/// <summary>
/// The one timer of a node: every 250 ms it asks each channel on which something happens what is overdue, and a channel
/// at rest when its heartbeat is due, so that ten thousand idle channels cost nothing between. It stops while there is
/// no channel, and the segments of their streams are kept for no longer.
/// </summary>
internal sealed class ChannelSweep : IDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private readonly object _gate = new();
    private readonly TimeProvider _time;
    private readonly SegmentPool _segments;
    private readonly ITimer _timer;
    private readonly ConcurrentQueue<SweepEntry> _woken = new();

    // Of the round alone.
    private readonly List<SweepEntry> _awake = [];
    private readonly PriorityQueue<SweepEntry, long> _due = new();
    private int _count;
    private int _sweeping;
    private bool _disposed;

    public ChannelSweep(TimeProvider time, SegmentPool segments)
    {
        _time = time;
        _segments = segments;

        // A timer of a caller's request must not carry that caller's context for the life of the node.
        using AsyncFlowControl flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        _timer = time.CreateTimer(
            static state => ((ChannelSweep)state!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many channels the next round asks. For tests: what an idle channel costs shows nowhere else.</summary>
    public int Awake => _awake.Count + _woken.Count;

    public void Add(SweepEntry entry)
    {
        _woken.Enqueue(entry);
        lock (_gate)
        {
            if (++_count == 1 && !_disposed)
            {
                _timer.Change(Interval, Interval);
                _segments.Keep(true);
            }
        }
    }

    /// <summary>For a channel that rested: the next round asks it.</summary>
    public void Wake(SweepEntry entry) => _woken.Enqueue(entry);

    public void Remove()
    {
        lock (_gate)
        {
            if (--_count == 0 && !_disposed)
            {
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                _segments.Keep(false);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _segments.Keep(false);
        }

        _timer.Dispose();
    }

    private void Sweep()
    {
        // A round that takes longer than a tick is not joined by a second one.
        if (Interlocked.Exchange(ref _sweeping, 1) != 0)
        {
            return;
        }

        try
        {
            long now = _time.GetTimestamp();
            Gather(now);
            for (int i = _awake.Count - 1; i >= 0; i--)
            {
                SweepEntry entry = _awake[i];
                if (entry.Sweep(now, out long due))
                {
                    continue;
                }

                _awake[i] = _awake[^1];
                _awake.RemoveAt(_awake.Count - 1);

                // An earlier time is good as well: then the channel is asked once more.
                if (due > 0 && !entry.HasTime)
                {
                    entry.HasTime = true;
                    _due.Enqueue(entry, due);
                }
            }

            _segments.Trim();
        }
        finally
        {
            Volatile.Write(ref _sweeping, 0);
        }
    }

    private void Gather(long now)
    {
        while (_woken.TryDequeue(out SweepEntry? woken))
        {
            _awake.Add(woken);
        }

        while (_due.TryPeek(out SweepEntry? entry, out long due) && due <= now)
        {
            _due.Dequeue();
            entry.HasTime = false;
            if (entry.TryWake())
            {
                _awake.Add(entry);
            }
        }
    }
}
