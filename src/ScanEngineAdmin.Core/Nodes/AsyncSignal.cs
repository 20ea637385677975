namespace ScanEngineAdmin.Core.Nodes;

/// <summary>
/// An auto-reset signal with one waiter: a set before the wait is not lost, many sets wake once.
/// </summary>
internal sealed class AsyncSignal
{
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
