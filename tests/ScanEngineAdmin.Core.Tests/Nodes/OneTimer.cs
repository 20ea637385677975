using System.Threading.Channels;

namespace ScanEngineAdmin.Core.Tests.Nodes;

/// <summary>Time that stands still, with one timer at a time, which a test fires.</summary>
internal sealed class OneTimer : TimeProvider
{
    private readonly Channel<bool> _armed =
        global::System.Threading.Channels.Channel.CreateUnbounded<bool>();
    private Action _fire = () => { };

    public Task ArmedAsync() => _armed.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    public void Fire() => Volatile.Read(ref _fire)();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Volatile.Write(ref _fire, () => callback(state));
        _armed.Writer.TryWrite(true);
        return new Timer();
    }

    private sealed class Timer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
