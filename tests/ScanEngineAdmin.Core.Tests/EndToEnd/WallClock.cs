namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>Time passes as it does; the wall clock shows what the test sets it to.</summary>
internal sealed class WallClock : TimeProvider
{
    private long _ahead;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Volatile.Read(ref _ahead));

    public void Jump(TimeSpan by) => Interlocked.Add(ref _ahead, by.Ticks);
}
