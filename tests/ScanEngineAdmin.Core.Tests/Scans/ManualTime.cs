namespace ScanEngineAdmin.Core.Tests.Scans;

/// <summary>Time that passes when the test says so; timers fire on the test's thread.</summary>
internal sealed class ManualTime : TimeProvider
{
    /// <summary>What is stored as a date and what is waited for as a span may differ by so much.</summary>
    public static readonly TimeSpan Rounding = TimeSpan.FromMilliseconds(5);

    private readonly object _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(GetTimestamp());

    public void Advance(TimeSpan time)
    {
        long end = GetTimestamp() + time.Ticks;
        while (Due(end) is { } timer)
        {
            Interlocked.Exchange(ref _ticks, timer.Next);
            timer.Fire();
        }

        Interlocked.Exchange(ref _ticks, end);
    }

    /// <summary>Whether somebody waits until that moment.</summary>
    public bool IsAwaited(DateTimeOffset moment)
    {
        long ticks = (moment - DateTimeOffset.UnixEpoch).Ticks;
        lock (_gate)
        {
            return _timers.Exists(timer => Math.Abs(timer.Next - ticks) <= Rounding.Ticks);
        }
    }

    /// <summary>Lets time pass in steps until the task ends, for code that starts its wait on another thread.</summary>
    public async Task PassUntilAsync(Task task, TimeSpan step)
    {
        for (int i = 0; i < 10_000 && !task.IsCompleted; i++)
        {
            Advance(step);
            await Task.WhenAny(task, Task.Delay(1)); // Real time for the other thread to begin its wait.
        }

        await task.WaitAsync(TimeSpan.Zero);
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        lock (_gate)
        {
            _timers.Add(timer);
        }

        return timer;
    }

    private ManualTimer? Due(long end)
    {
        lock (_gate)
        {
            return _timers.Where(t => t.Next <= end).MinBy(t => t.Next);
        }
    }

    private sealed class ManualTimer(ManualTime time, TimerCallback callback, object? state) : ITimer
    {
        private long _period = -1;

        public long Next { get; private set; } = long.MaxValue;

        public void Fire()
        {
            Next = _period > 0 ? Next + _period : long.MaxValue;
            callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _period = period.Ticks;
            Next = dueTime < TimeSpan.Zero ? long.MaxValue : time.GetTimestamp() + dueTime.Ticks;
            return true;
        }

        public void Dispose()
        {
            Next = long.MaxValue;
            lock (time._gate)
            {
                time._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
