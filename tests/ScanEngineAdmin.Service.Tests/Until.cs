namespace ScanEngineAdmin.Service.Tests;

/// <summary>For what another process does and nobody signals: looks again and again, for a bounded time.</summary>
internal static class Until
{
    private static readonly TimeSpan Bound = HostProcess.Bound;
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(50);

    public static async Task TrueAsync(Func<bool> condition, string otherwise)
    {
        using var bound = new CancellationTokenSource(Bound);
        using var timer = new PeriodicTimer(Period);
        while (!condition())
        {
            try
            {
                await timer.WaitForNextTickAsync(bound.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail(otherwise);
            }
        }
    }
}
