namespace ScanEngineAdmin.Tests.Shared;

/// <summary>
/// Time that passes when a test says so; timers run on the test's thread. It tells who waits, so that a test need not
/// guess when the code under test has come so far.
/// </summary>
/// <remarks>
/// FakeTimeProvider runs timers on whichever thread is changing one, and loses the turn of a recurring timer whose
/// callback runs while the test moves the time. Here one lock holds the time and the timers.
/// </remarks>
internal sealed class ManualTime : TimeProvider
{
    /// <summary>What is stored as a date and what is waited for as a span may differ by so much.</summary>
    public static readonly TimeSpan Rounding = TimeSpan.FromMilliseconds(5);

    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);
    private readonly object _gate = new();
    private readonly List<ManualTimer> _armed = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _ticks = new DateTime(2030, 1, 2, 3, 4, 5, DateTimeKind.Utc).Ticks;
    private TimeSpan _ahead;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How often a timer ran.</summary>
    public int Fired { get; private set; }

    /// <summary>Timers that will run.</summary>
    public int Running
    {
        get
        {
            lock (_gate)
            {
                return _armed.Count;
            }
        }
    }

    public override DateTimeOffset GetUtcNow() => new DateTimeOffset(GetTimestamp(), TimeSpan.Zero) + _ahead;

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    /// <summary>Somebody sets the clock; no time passes.</summary>
    public void Jump(TimeSpan by) => _ahead += by;

    /// <summary>A leap: what was due meanwhile runs at its end.</summary>
    public void Advance(TimeSpan by) => Move(by, leap: true);

    /// <summary>As time really passes, from one timer's moment to the next.</summary>
    public void Pass(TimeSpan by) => Move(by, leap: false);

    /// <summary>Whether somebody waits until that moment.</summary>
    public bool IsAwaited(DateTimeOffset moment)
    {
        long due = GetTimestamp() + (moment - GetUtcNow()).Ticks;
        lock (_gate)
        {
            return _armed.Exists(timer => Math.Abs(timer.Due - due) <= Rounding.Ticks);
        }
    }

    /// <summary>Ends when <paramref name="count"/> timers of exactly this length are running.</summary>
    public async Task ArmedAsync(TimeSpan length, int count = 1)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_armed.Count(timer => timer.Length == length) >= count)
                {
                    return;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(Bound);
        }
    }

    /// <summary>Lets time pass in steps until the task ends, for code that starts its wait on another thread.</summary>
    public async Task PassUntilAsync(Task task, TimeSpan step)
    {
        long started = System.GetTimestamp();
        while (!task.IsCompleted && System.GetElapsedTime(started) < Bound)
        {
            Pass(step);
            await Task.WhenAny(task, Task.Delay(1)); // Real time for the other thread to begin its wait.
        }

        await task.WaitAsync(TimeSpan.Zero);
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private void Move(TimeSpan by, bool leap)
    {
        long end = GetTimestamp() + by.Ticks;
        while (true)
        {
            ManualTimer? next;
            lock (_gate)
            {
                next = _armed.Where(timer => timer.Due <= end).MinBy(timer => timer.Due);
                Interlocked.Exchange(ref _ticks, leap || next is null ? end : Math.Max(_ticks, next.Due));
                if (next is null)
                {
                    return;
                }

                Fired++;
                next.Step();
            }

            next.Run();
        }
    }

    private sealed class ManualTimer(ManualTime time, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;

        public long Due { get; private set; }

        public TimeSpan Length { get; private set; }

        public void Run() => callback(state);

        /// <summary>To its next turn, if it has one.</summary>
        public void Step()
        {
            Due += _period.Ticks;
            if (_period <= TimeSpan.Zero)
            {
                time._armed.Remove(this);
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._gate)
            {
                time._armed.Remove(this);
                (Due, Length, _period) = (time.GetTimestamp() + dueTime.Ticks, dueTime, period);
                if (dueTime >= TimeSpan.Zero)
                {
                    time._armed.Add(this);
                    time._changed.TrySetResult();
                    time._changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                }
            }

            return true;
        }

        public void Dispose()
        {
            lock (time._gate)
            {
                time._armed.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
