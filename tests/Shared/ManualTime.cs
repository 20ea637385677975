using Microsoft.Extensions.Time.Testing;

namespace ScanEngineAdmin.Tests.Shared;

/// <summary>
/// Time that passes when a test says so; timers run on the test's thread. It tells who waits, so that a test need not
/// guess when the code under test has come so far.
/// </summary>
internal sealed class ManualTime() : FakeTimeProvider(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero))
{
    /// <summary>What is stored as a date and what is waited for as a span may differ by so much.</summary>
    public static readonly TimeSpan Rounding = TimeSpan.FromMilliseconds(5);

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private readonly object _gate = new();
    private readonly List<ObservedTimer> _armed = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TimeSpan _ahead;

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

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _ahead;

    public override long GetTimestamp() => base.GetUtcNow().Ticks;

    /// <summary>Somebody sets the clock; no time passes.</summary>
    public void Jump(TimeSpan by) => _ahead += by;

    /// <summary>As time really passes, from one timer's moment to the next: Advance is a leap to the end.</summary>
    public void Pass(TimeSpan by)
    {
        long end = GetTimestamp() + by.Ticks;
        while (NextDue(end) is { } next)
        {
            Advance(TimeSpan.FromTicks(next - GetTimestamp()));
        }

        Advance(TimeSpan.FromTicks(end - GetTimestamp()));
    }

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
        for (int i = 0; i < 10_000 && !task.IsCompleted; i++)
        {
            Pass(step);
            await Task.WhenAny(task, Task.Delay(1)); // Real time for the other thread to begin its wait.
        }

        await task.WaitAsync(TimeSpan.Zero);
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ObservedTimer(this, callback, state);
        timer.Inner = base.CreateTimer(
            static timer => ((ObservedTimer)timer!).Fire(), timer, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Change(dueTime, period);
        return timer;
    }

    private long? NextDue(long end)
    {
        long now = GetTimestamp();
        lock (_gate)
        {
            return _armed.Where(timer => timer.Due > now && timer.Due <= end).Min(timer => (long?)timer.Due);
        }
    }

    private sealed class ObservedTimer(ManualTime time, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;

        public ITimer Inner { get; set; } = null!;

        public long Due { get; private set; }

        public TimeSpan Length { get; private set; }

        public void Fire()
        {
            lock (time._gate)
            {
                time.Fired++;
                Due += _period.Ticks;
                if (_period <= TimeSpan.Zero)
                {
                    time._armed.Remove(this);
                }
            }

            callback(state);
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

            return Inner.Change(dueTime, period);
        }

        public void Dispose()
        {
            lock (time._gate)
            {
                time._armed.Remove(this);
            }

            Inner.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
