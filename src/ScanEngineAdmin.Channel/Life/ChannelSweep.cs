using ScanEngineAdmin.Channel.Streams;

namespace ScanEngineAdmin.Channel.Life;

/// <summary>
/// The one timer of a node: every 250 ms it asks each channel what is overdue. It rests while there is none, and
/// the segments of their streams are kept for no longer.
/// </summary>
internal sealed class ChannelSweep : IDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private readonly TimeProvider _time;
    private readonly SegmentPool _segments;
    private readonly ITimer _timer;
    private readonly HashSet<PeerChannel> _channels = [];
    private PeerChannel[]? _round;
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

    public void Add(PeerChannel channel)
    {
        lock (_channels)
        {
            _channels.Add(channel);
            _round = null;
            if (_channels.Count == 1 && !_disposed)
            {
                _timer.Change(Interval, Interval);
                _segments.Keep(true);
            }
        }
    }

    public void Remove(PeerChannel channel)
    {
        lock (_channels)
        {
            if (_channels.Remove(channel) && _channels.Count == 0 && !_disposed)
            {
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                _segments.Keep(false);
            }

            _round = null;
        }
    }

    public void Dispose()
    {
        lock (_channels)
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
            PeerChannel[] round;
            lock (_channels)
            {
                round = _round ??= [.. _channels];
            }

            long now = _time.GetTimestamp();
            foreach (PeerChannel channel in round)
            {
                channel.Sweep(now);
            }

            _segments.Trim();
        }
        finally
        {
            Volatile.Write(ref _sweeping, 0);
        }
    }
}
