using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Faults.Lab;

/// <summary>For what other processes do and nobody signals: looks again and again, for a bounded time.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(50);

    /// <summary>False when the time was over first.</summary>
    public static async Task<bool> TrueAsync(
        Func<bool> condition, TimeSpan bound, TimeSpan? period = null, CancellationToken cancellationToken = default)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        over.CancelAfter(bound);
        using var timer = new PeriodicTimer(period ?? Period);
        while (!Holds(condition))
        {
            try
            {
                await timer.WaitForNextTickAsync(over.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return Holds(condition);
            }
        }

        return true;
    }

    private static bool Holds(Func<bool> condition)
    {
        try
        {
            return condition();
        }
        catch (ScanEngineException exception) when (exception.Code == FaultCode.StoreLocked)
        {
            return false;
        }
    }
}
