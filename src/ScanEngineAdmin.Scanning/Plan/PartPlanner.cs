using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Scanning.Plan;

/// <summary>
/// How much an engine is given of a pool's scan, and at what rate: small parts at first and at the end, in between a
/// third of its share of what is left, by the speed that was measured; never more than it does in half of its time. So
/// a slow engine does not hold the scan up. The clock only measures speeds and rests: no promise depends on it.
/// </summary>
internal static class PartPlanner
{
    /// <summary>The smallest part, as one of so many: an engine of a tenth of the speed ends it soon, too.</summary>
    private const int Least = 1_000;

    /// <summary>Parts that an engine's speed is measured by: it may have changed since the earlier ones.</summary>
    private const int Measured = 5;

    /// <summary>Null if the engine is given nothing now.</summary>
    public static PartOffer? Offer(
        PartLedger ledger, int ports, Guid engine, IReadOnlyCollection<Guid> members, PartTerms terms)
    {
        if (ledger.Parts.Any(part => part.PairingId == engine && part.IsOpen) || Rests(ledger, engine, terms))
        {
            return null;
        }

        int rate = Share(ledger, members, terms.Rate);
        if ((terms.Rate > 0 && rate == 0) || ledger.Next(engine, members) is not { } next)
        {
            return null;
        }

        long first = ledger.TargetStart(next.First);
        long targets = Math.Max(1, Size(ledger, engine, members, terms) / ports);
        long end = Math.Min(first + (targets * ports), Whole(ledger, next.End, ports));
        return new PartOffer(new PartRange(first, end), next.First, rate);
    }

    /// <summary>An engine whose parts fail, or are taken back, one after the other rests longer and longer.</summary>
    private static bool Rests(PartLedger ledger, Guid engine, PartTerms terms)
    {
        int failures = 0;
        DateTimeOffset last = DateTimeOffset.MinValue;
        IEnumerable<ScanPart> own = ledger.Parts.Where(part => part.PairingId == engine);
        foreach (ScanPart part in own.OrderBy(static part => part.Given))
        {
            failures = PartLedger.IsFailure(part) || part.Cause == ScanCause.LinkLost ? failures + 1 : part.IsOpen ? failures : 0;
            last = part.Finished ?? last;
        }

        TimeSpan rest = failures == 0 ? TimeSpan.Zero : terms.Retry.After(failures);

        // Further off than any rest can be, the clock was set back: then it is due.
        return last + rest > terms.Now && last - terms.Now <= terms.Retry.Longest;
    }

    private static int Share(PartLedger ledger, IReadOnlyCollection<Guid> members, int rate)
    {
        if (rate == 0)
        {
            return 0;
        }

        int used = ledger.Parts.Where(static part => part.IsOpen).Sum(static part => part.MaxRate);
        return Math.Max(0, Math.Min(rate - used, Math.Max(1, rate / Math.Max(1, members.Count))));
    }

    private static long Size(PartLedger ledger, Guid engine, IReadOnlyCollection<Guid> members, PartTerms terms)
    {
        long least = Math.Max(1, ledger.Units / Least);
        if (Speed(ledger, engine) is not { } own)
        {
            // Enough to measure by.
            return 2 * least;
        }

        double[] known = [.. members.Select(member => Speed(ledger, member)).OfType<double>()];
        double all = known.Sum() + ((members.Count - known.Length) * known.DefaultIfEmpty(own).Average());
        double share = ledger.OpenUnits * own / Math.Max(own, all) / 3;
        double most = own * terms.Lease.TotalSeconds / 2;
        return (long)Math.Min(Math.Max(share, least), most);
    }

    /// <summary>Units a second, of the latest parts that took a time; null if there are none.</summary>
    private static double? Speed(PartLedger ledger, Guid engine)
    {
        ScanPart[] lately = [.. ledger.Parts
            .Where(part => part.PairingId == engine && part.Finished > part.Given && part.Cursor > part.From)
            .OrderByDescending(static part => part.Given).Take(Measured)];
        double seconds = lately.Sum(static part => (part.Finished!.Value - part.Given).TotalSeconds);
        return seconds > 0 ? lately.Sum(static part => part.Cursor - part.From) / seconds : null;
    }

    /// <summary>A part has whole targets; one whose rest is done by another has them all the same.</summary>
    private static long Whole(PartLedger ledger, long end, int ports) =>
        Math.Min(ledger.Units, (end + ports - 1) / ports * ports);
}
