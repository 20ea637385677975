using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Scanning.Plan;

/// <summary>The rest between two runs of a scan that was lost or failed: it doubles up to the longest.</summary>
internal sealed record ScanRetry(TimeSpan First, TimeSpan Longest)
{
    public TimeSpan After(int failures)
    {
        double rest = First.TotalSeconds * Math.Pow(2, Math.Clamp(failures - 1, 0, 30));
        return rest < Longest.TotalSeconds ? TimeSpan.FromSeconds(rest) : Longest;
    }

    /// <summary>
    /// How long a queued scan still rests. Further off than any rest can be, the clock was set back: then it is due.
    /// </summary>
    public TimeSpan Left(ScanRecord scan, DateTimeOffset now) =>
        scan.NotBefore is { } due && due > now && due - now <= Longest ? due - now : TimeSpan.Zero;
}
