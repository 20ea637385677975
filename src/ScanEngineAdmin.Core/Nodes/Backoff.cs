namespace ScanEngineAdmin.Core.Nodes;

/// <summary>
/// How long to wait after the n-th failure in a row: doubling from a first wait to a longest one, between half and the
/// whole of it at random, so that ten thousand nodes that lost the same peer do not come back in the same second.
/// </summary>
internal static class Backoff
{
    public static TimeSpan After(int failures, TimeSpan first, TimeSpan longest, Random random)
    {
        double whole = Math.Min(
            longest.TotalMilliseconds, first.TotalMilliseconds * Math.Pow(2, Math.Min(failures - 1, 30)));
        return TimeSpan.FromMilliseconds(whole * (0.5 + (random.NextDouble() / 2)));
    }

    /// <summary>The span give or take a tenth.</summary>
    public static TimeSpan Jitter(TimeSpan span, Random random) => span * (0.9 + (random.NextDouble() / 5));
}
