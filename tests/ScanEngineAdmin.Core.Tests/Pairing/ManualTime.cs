namespace ScanEngineAdmin.Core.Tests.Pairing;

internal sealed class ManualTime : TimeProvider
{
    private DateTimeOffset _now = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => _now;

    internal void Advance(TimeSpan by) => _now += by;
}
