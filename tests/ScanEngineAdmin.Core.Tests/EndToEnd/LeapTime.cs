namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>
/// Time as it is, for nodes that talk over real sockets, until the test lets more of it pass at once: then what waits so
/// long has waited so long. It can also be made to stand: from then on only what the test lets pass does.
/// </summary>
internal sealed class LeapTime : TimeProvider
{
    private readonly object _gate = new();
    private readonly HashSet<Timer> _timers = [];
    private long _ahead;
    private long _jumped;
    private long? _standing;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() =>
        System.GetUtcNow().AddTicks(Interlocked.Read(ref _ahead) + Interlocked.Read(ref _jumped));

    public override long GetTimestamp() => (_standing ?? System.GetElapsedTime(0).Ticks) + Interlocked.Read(ref _ahead);

    /// <summary>No more time passes by itself.</summary>
    public void Stand()
    {
        lock (_gate)
        {
            _standing = System.GetElapsedTime(0).Ticks;
            foreach (Timer timer in _timers.ToArray())
            {
                timer.Set();
            }
        }
    }

    /// <summary>So much has passed.</summary>
    public void Pass(TimeSpan by)
    {
        lock (_gate)
        {
            Interlocked.Add(ref _ahead, by.Ticks);
            foreach (Timer timer in _timers.ToArray())
            {
                timer.Set();
            }
        }
    }

    /// <summary>Somebody sets the clock; no time passes.</summary>
    public void Jump(TimeSpan by) => Interlocked.Add(ref _jumped, by.Ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer : ITimer
    {
        private readonly LeapTime _time;
        private readonly ITimer _inner;
        private readonly TimerCallback _callback;
        private readonly object? _state;
        private long? _due;
        private TimeSpan _period;

        public Timer(LeapTime time, TimerCallback callback, object? state)
        {
            (_time, _callback, _state) = (time, callback, state);
            _inner = System.CreateTimer(
                static timer => ((Timer)timer!).Run(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_time._gate)
            {
                _period = period;
                _due = dueTime < TimeSpan.Zero
                    ? null
                    : _time.GetTimestamp() + dueTime.Ticks;
                _time._timers.Add(this);
                return Set();
            }
        }

        /// <summary>As long as there is left now. Under the lock.</summary>
        public bool Set()
        {
            if (_due is not { } due)
            {
                return _inner.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }

            var left = TimeSpan.FromTicks(due - _time.GetTimestamp());
            return _inner.Change(
                left <= TimeSpan.Zero ? TimeSpan.Zero : _time._standing is null ? left : Timeout.InfiniteTimeSpan,
                Timeout.InfiniteTimeSpan);
        }

        public void Dispose()
        {
            lock (_time._gate)
            {
                _time._timers.Remove(this);
                _due = null;
            }

            _inner.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Run()
        {
            lock (_time._gate)
            {
                if (_due is not { } due)
                {
                    return;
                }

                if (due > _time.GetTimestamp())
                {
                    // Changed meanwhile, or the system's timer was early.
                    Set();
                    return;
                }

                _due = _period > TimeSpan.Zero ? _time.GetTimestamp() + _period.Ticks : null;
                Set();
            }

            _callback(_state);
        }
    }
}
