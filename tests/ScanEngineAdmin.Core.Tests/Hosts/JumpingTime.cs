namespace ScanEngineAdmin.Core.Tests.Hosts;

/// <summary>A host whose clock is set in leaps, while its timers go on as they do.</summary>
internal sealed class JumpingTime(TimeSpan ahead = default) : TimeProvider
{
    private long _off = ahead.Ticks;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _off));

    public void Jump(TimeSpan by) => Interlocked.Add(ref _off, by.Ticks);
}
