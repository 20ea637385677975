namespace ScanEngineAdmin.Core.Nodes;

/// <summary>
/// What a node's loop waits for between two turns: an auto-reset signal with one waiter (a set before the wait is not
/// lost, many sets wake once), or the end of a time. Every loop of a node turns here, so here no loop can spin:
/// whatever wait it has worked out, zero and less included, and however often it is woken, it turns at once only some
/// times in a row, and then no faster than this signal allows.
/// </summary>
/// <param name="spacing">
/// How far apart a loop's turns are on average that nobody woke: half of what it waits for at least.
/// </param>
/// <param name="wokenSpacing">The same of turns that somebody woke, after many in a row; null for 10 ms.</param>
internal sealed class AsyncSignal(TimeSpan spacing, TimeSpan? wokenSpacing = null)
{
    private const int TimedInARow = 16;
    private const int WokenInARow = 200;
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan ShortestSpacing = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan WokenSpacing = TimeSpan.FromMilliseconds(10);

    private readonly TurnLimit _timed = new(spacing > ShortestSpacing ? spacing : ShortestSpacing, TimedInARow);
    private readonly TurnLimit _woken = new(wokenSpacing ?? WokenSpacing, WokenInARow);
    private readonly object _gate = new();
    private TaskCompletionSource? _waiter;
    private bool _set;

    public void Set()
    {
        TaskCompletionSource? waiter;
        lock (_gate)
        {
            waiter = _waiter;
            _waiter = null;
            _set = waiter is null;
        }

        waiter?.TrySetResult();
    }

    /// <summary>True if it was set; false when the time has passed.</summary>
    public async Task<bool> WaitAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        TimeSpan least = _timed.Left(Now(time));
        least = least > Shortest ? least : Shortest;
        bool woken = await WaitSetAsync(timeout > least ? timeout : least, time, cancellationToken)
            .ConfigureAwait(false);
        if (!woken)
        {
            _timed.Take(Now(time));
            return false;
        }

        if (_woken.Left(Now(time)) is var rest && rest > TimeSpan.Zero)
        {
            await RestAsync(rest, time, cancellationToken).ConfigureAwait(false);
        }

        _woken.Take(Now(time));
        return true;
    }

    /// <summary>As the other, and over when that task has ended, however it did.</summary>
    public async Task WaitAsync(TimeSpan timeout, Task end, TimeProvider time, CancellationToken cancellationToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task woken = WaitAsync(timeout, time, waiting.Token);
        await Task.WhenAny(woken, end).ConfigureAwait(false);
        await waiting.CancelAsync().ConfigureAwait(false);
        await woken.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static TimeSpan Now(TimeProvider time) => time.GetElapsedTime(0);

    /// <summary>It was woken too often: what sets it meanwhile wakes the same turn.</summary>
    private async Task RestAsync(TimeSpan rest, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(rest, time, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Set();
            throw;
        }

        lock (_gate)
        {
            _set = false;
        }
    }

    private async Task<bool> WaitSetAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        TaskCompletionSource waiter;
        lock (_gate)
        {
            if (_set)
            {
                _set = false;
                return true;
            }

            waiter = _waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(waiter.Task, Task.Delay(timeout, time, waiting.Token)).ConfigureAwait(false);
        await waiting.CancelAsync().ConfigureAwait(false);
        lock (_gate)
        {
            // Who set it has taken the waiter out, and may not have come to tell it yet.
            bool woken = _waiter != waiter;
            if (!woken)
            {
                _waiter = null;
            }

            if (cancellationToken.IsCancellationRequested)
            {
                // Whoever is cancelled does nothing about it: it is kept for the next wait.
                _set |= woken;
                cancellationToken.ThrowIfCancellationRequested();
            }

            return woken;
        }
    }
}
