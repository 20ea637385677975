using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// Until when an engine may have its parts, by the engine's own clock. The engine is asked for its time first, and what
/// is left is counted after the answer: so the end is there no later than here, whatever is delayed on the way or frozen
/// at either end.
/// </summary>
internal sealed class LeaseOffer
{
    private readonly long _nowMs;
    private readonly Dictionary<Guid, TimeSpan> _left;

    private LeaseOffer(long nowMs, Dictionary<Guid, TimeSpan> left) => (_nowMs, _left) = (nowMs, left);

    /// <summary>Null if none of them is lent.</summary>
    public static async Task<LeaseOffer?> MakeAsync(
        PartLeases leases, PeerChannel channel, IEnumerable<ScanRecord> scans, CancellationToken cancellationToken)
    {
        List<ScanRecord> lent = [.. scans.Where(static scan => scan.Lease is not null)];
        if (lent.Count == 0)
        {
            return null;
        }

        LeaseClockTime engine = await channel
            .AskAsync<LeaseClockTime>(Methods.LeaseClock, new LeaseClockAsk(), cancellationToken).ConfigureAwait(false);
        return new LeaseOffer(
            engine.NowMs, lent.ToDictionary(static scan => scan.ScanId, scan => leases.Left(scan)!.Value));
    }

    /// <summary>Null for one that is not lent; over for one that was not among those that it was made for.</summary>
    public long? UntilMs(ScanRecord scan) => scan.Lease is null ? null
        : Math.Max(0, _nowMs) + (long)Math.Max(0, _left.GetValueOrDefault(scan.ScanId).TotalMilliseconds);
}
