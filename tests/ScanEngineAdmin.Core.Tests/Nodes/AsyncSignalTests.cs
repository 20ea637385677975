using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Nodes;

public sealed class AsyncSignalTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Never = TimeSpan.FromDays(1);
    private static readonly TimeSpan Spacing = TimeSpan.FromSeconds(1);
    private AsyncSignal _signal = new(Spacing);

    [Fact]
    public async Task A_set_before_the_wait_is_not_lost_and_many_sets_wake_once()
    {
        _signal.Set();
        _signal.Set();

        Assert.True(await WaitAsync(Never));
        Assert.False(await WaitAsync(TimeSpan.Zero));
    }

    [Fact]
    public async Task A_set_wakes_whoever_waits_once()
    {
        Task<bool> waiting = WaitAsync(Never);
        Assert.False(waiting.IsCompleted);
        _signal.Set();

        Assert.True(await waiting.WaitAsync(Bound));
        Assert.False(await WaitAsync(TimeSpan.Zero));
    }

    // Whoever was cancelled waits again later, such as a loop whose look was broken off.
    [Fact]
    public async Task A_set_that_meets_a_wait_being_cancelled_wakes_that_wait_or_the_next()
    {
        for (int round = 0; round < 500; round++)
        {
            _signal = new AsyncSignal(Spacing);
            using var cancel = new CancellationTokenSource();
            Task<bool> waiting = WaitAsync(Never, cancel.Token);

            _signal.Set();
            await cancel.CancelAsync();

            bool woken = !await IsCancelledAsync(waiting);
            Assert.True(woken || await WaitAsync(TimeSpan.Zero), $"lost in round {round}");
        }
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task A_set_that_meets_the_end_of_the_time_wakes_that_wait_or_the_next()
    {
        for (int round = 0; round < 5000; round++)
        {
            _signal = new AsyncSignal(Spacing);
            var time = new ManualTime();
            Task<bool> waiting = _signal.WaitAsync(Bound, time, CancellationToken.None);
            using var together = new Barrier(2);
            Task setting = Task.Run(() =>
            {
                together.SignalAndWait(Bound);
                _signal.Set();
            });

            together.SignalAndWait(Bound);
            time.Advance(Bound);
            await setting.WaitAsync(Bound);

            Assert.True(
                await waiting.WaitAsync(Bound) || await WaitAsync(TimeSpan.Zero), $"lost in round {round}");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(1)]
    public async Task A_loop_that_works_out_no_wait_turns_some_times_at_once_and_then_at_its_spacing(int wait)
    {
        var time = new InstantTime();
        int turns = 0;
        for (; time.Passed < TimeSpan.FromMinutes(1); turns++)
        {
            Assert.False(await _signal.WaitAsync(TimeSpan.FromMilliseconds(wait), time, CancellationToken.None));
        }

        // A minute: what is allowed in a row, and one a second.
        Assert.InRange(turns, 60, 60 + 17);
    }

    [Fact]
    public async Task A_loop_that_waits_longer_than_its_spacing_waits_no_longer_than_it_wants()
    {
        var time = new InstantTime();
        for (int i = 0; i < 100; i++)
        {
            await _signal.WaitAsync(1.2 * Spacing, time, CancellationToken.None);
        }

        Assert.Equal(120 * Spacing, time.Passed);
    }

    [Fact]
    public async Task A_loop_that_is_woken_without_end_turns_some_times_at_once_and_then_a_hundred_times_a_second()
    {
        var time = new InstantTime();
        int turns = 0;
        for (; time.Passed < TimeSpan.FromSeconds(1) && turns < 10_000; turns++)
        {
            _signal.Set();
            Assert.True(await _signal.WaitAsync(Never, time, CancellationToken.None));
        }

        Assert.InRange(turns, 200, 200 + 101);
    }

    private static async Task<bool> IsCancelledAsync(Task<bool> waiting)
    {
        try
        {
            Assert.True(await waiting.WaitAsync(Bound));
            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }

    private Task<bool> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        _signal.WaitAsync(timeout, TimeProvider.System, cancellationToken);
}
