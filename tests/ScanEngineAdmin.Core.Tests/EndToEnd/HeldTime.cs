using Queues = System.Threading.Channels.Channel;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>
/// Time as it is, but timers of one length run when the test says so: what they bound ends at that moment of the test,
/// however slow the machine is.
/// </summary>
internal sealed class HeldTime(TimeSpan length) : TimeProvider
{
    private readonly global::System.Threading.Channels.Channel<Action> _armed = Queues.CreateUnbounded<Action>();
    private volatile bool _passing;

    /// <summary>Forgets those that are armed: they do not run any more.</summary>
    public void Clear()
    {
        while (_armed.Reader.TryRead(out _))
        {
        }
    }

    public Task<bool> ArmedAsync() => _armed.Reader.WaitToReadAsync().AsTask().WaitAsync(NodePair.Patience);

    /// <summary>From now on no such time lasts.</summary>
    public void Pass()
    {
        _passing = true;
        Fire();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime != length)
        {
            return System.CreateTimer(callback, state, dueTime, period);
        }

        _armed.Writer.TryWrite(() => callback(state));
        if (_passing)
        {
            ThreadPool.QueueUserWorkItem(_ => Fire());
        }

        return System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private void Fire()
    {
        while (_armed.Reader.TryRead(out Action? fire))
        {
            fire();
        }
    }
}
