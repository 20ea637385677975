using ScanEngineAdmin.Channel.Life;

namespace ScanEngineAdmin.Channel.Streams;

/// <summary>What the peer may still send on a stream, and when it gets more. Under the lock of its owner.</summary>
internal sealed class ReceiveWindow(ChannelOptions options, CreditBudget budget, LargestWindow largest)
{
    private const int RoundTripsToGrow = 4;

    // Where another stream of the channel has grown already: shares of the line follow the windows.
    private const int RoundTripsToFollow = 16;

    private int _window = options.InitialWindow;
    private long _left = options.InitialWindow;
    private int _unreturned;
    private int _sinceMark;
    private long _mark = options.Time.GetTimestamp();

    /// <summary>False if the peer sent more than it may.</summary>
    public bool TryReceive(int bytes)
    {
        _left -= bytes;
        return _left >= 0;
    }

    /// <summary>Counts what the reader took; returns the credit to give back now, or 0.</summary>
    public uint Consume(int bytes, TimeSpan roundTrip)
    {
        _unreturned += bytes;
        _sinceMark += bytes;
        if (_unreturned < _window / 2)
        {
            return 0;
        }

        int grant = _unreturned + Grow(roundTrip);
        _unreturned = 0;
        _left += grant;
        return (uint)grant;
    }

    /// <summary>Gives what it grew by back to the budget.</summary>
    public void Release()
    {
        if (_window > options.InitialWindow)
        {
            budget.Return(_window - options.InitialWindow);
            _window = options.InitialWindow;
        }
    }

    // A full window within four round trips: the window, not the line or the reader, may be what limits.
    private int Grow(TimeSpan roundTrip)
    {
        if (_sinceMark < _window)
        {
            return 0;
        }

        long now = options.Time.GetTimestamp();
        int roundTrips = _window < largest.Bytes ? RoundTripsToFollow : RoundTripsToGrow;
        bool quick = options.Time.GetElapsedTime(_mark, now) < roundTrips * roundTrip;
        _mark = now;
        _sinceMark = 0;
        int more = Math.Min(_window, options.MaxWindow - _window);
        if (!quick || more <= 0 || !budget.TryTake(more))
        {
            return 0;
        }

        _window += more;
        largest.Bytes = Math.Max(largest.Bytes, _window);
        return more;
    }
}
