namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>
/// Time spans that pass twenty times as fast, for nodes that talk over real sockets: a minute of theirs takes three
/// seconds. The date stays what it is.
/// </summary>
internal sealed class QuickTime : TimeProvider
{
    public const int Factor = 20;

    public override long TimestampFrequency => System.TimestampFrequency / Factor;

    public override long GetTimestamp() => System.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(System.CreateTimer(callback, state, Real(dueTime), Real(period)));

    private static TimeSpan Real(TimeSpan span) => span > TimeSpan.Zero ? span / Factor : span;

    private sealed class Timer(ITimer inner) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => inner.Change(Real(dueTime), Real(period));

        public void Dispose() => inner.Dispose();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
