using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Scanning.Plan;

/// <summary>
/// What becomes of a pool's scan as its parts stand: the rules, without a store, a channel or a clock.
/// </summary>
internal static class PoolOutcome
{
    public static PoolStep Settle(
        PoolView view, PartLedger ledger, IReadOnlyCollection<Guid> members, DateTimeOffset now)
    {
        ScanRecord scan = view.Scan;
        List<ScanPart> open = [.. view.Parts.Where(static part => part.IsOpen)];
        if (open.Count == 0)
        {
            return new PoolStep(Ended(scan, view, ledger, members, now));
        }

        bool rest = scan.Suspension == ScanSuspension.Asked && !scan.StopRequested;
        var changes = new Dictionary<Guid, Func<ScanRecord, ScanRecord>>();
        foreach (ScanPart part in open)
        {
            if (scan.StopRequested || rest)
            {
                // What ends here can be given on; a part has no place of its own to keep.
                if (part.State == ScanState.Queued)
                {
                    changes[part.ScanId] = now => Over(now);
                }
                else if (scan.StopRequested ? !part.StopRequested : part.Suspension != ScanSuspension.Asked)
                {
                    changes[part.ScanId] = now => now.IsFinished ? now : now with
                    {
                        StopRequested = now.StopRequested || scan.StopRequested,
                        Suspension = ScanSuspension.Asked,
                    };
                }
            }
        }

        // What keeps all of them keeps the scan.
        ScanCause[] causes = [.. open.Select(static part => part.Cause).Distinct()];
        ScanCause cause = causes.Length == 1 ? causes[0] : ScanCause.None;
        bool mine = scan.Cause == ScanCause.DeadlinePassed;
        return new PoolStep(scan with
        {
            State = ScanState.Running,
            Started = scan.Started ?? now,
            Suspension = scan.Suspension == ScanSuspension.Ended ? ScanSuspension.None : scan.Suspension,
            Cause = mine ? scan.Cause : cause,
            CauseSince = mine || cause == scan.Cause ? scan.CauseSince : cause == ScanCause.None ? null : now,
        })
        { Parts = changes };

        ScanRecord Over(ScanRecord part) => part.IsFinished ? part : part with
        {
            State = ScanState.Stopped,
            Finished = now,
            NotBefore = null,
        };
    }

    private static ScanRecord Ended(
        ScanRecord scan, PoolView view, PartLedger ledger, IReadOnlyCollection<Guid> members, DateTimeOffset now)
    {
        if (ledger.IsDone)
        {
            ScanRecord done = scan with { State = ScanState.Completed, Finished = now, Detail = Said(view) };
            return ScanOutcome.Settle(done, now, new ScanRetry(TimeSpan.Zero, TimeSpan.Zero));
        }

        if (scan.StopRequested)
        {
            return scan.Cause == ScanCause.DeadlinePassed
                ? ScanOutcome.Overdue(scan, now)
                : ScanOutcome.Stopped(scan, now, scan.Detail);
        }

        if (scan.Suspension == ScanSuspension.Asked)
        {
            return scan.State == ScanState.Suspended ? scan : ScanOutcome.Rest(scan, now);
        }

        if (ledger.IsStuck(members))
        {
            bool refused = view.Parts.Any(part => part.Round == scan.Attempt && part.Cause == ScanCause.Refused);
            string said = Said(view);
            return scan with
            {
                State = ScanState.Failed,
                Finished = now,
                Cause = refused ? ScanCause.Refused : ScanCause.RetriesExhausted,
                CauseSince = now,
                Detail = Cut($"{ledger.OpenUnits} attempts were not made: no engine of the pool may, or can, make them"
                    + (said.Length > 0 ? $"; {said}" : string.Empty)),
            };
        }

        return scan with
        {
            Suspension = ScanSuspension.None,
            Cause = scan.Cause == ScanCause.DeadlinePassed ? scan.Cause : ScanCause.None,
            CauseSince = scan.Cause == ScanCause.DeadlinePassed ? scan.CauseSince : null,
        };
    }

    /// <summary>What the engines said of their parts, each once, with which of them refused any.</summary>
    private static string Said(PoolView view)
    {
        IEnumerable<ScanPart> lately = view.Parts.Where(part => part.Round == view.Scan.Attempt);
        IEnumerable<string> said = lately
            .Where(static part => part.State == ScanState.Completed && part.Detail.Length > 0)
            .Select(static part => part.Detail).Distinct();
        IEnumerable<string> refused = lately.Where(static part => part.Cause == ScanCause.Refused)
            .GroupBy(static part => part.EngineName)
            .Select(static engine => $"{engine.Key} refused {engine.Count()} "
                + $"{(engine.Count() == 1 ? "part" : "parts")}: {engine.First().Detail}");
        return Cut(string.Join("; ", said.Concat(refused)));
    }

    private static string Cut(string text) =>
        text.Length <= ScanLimits.MaxDetailBytes / 4 ? text : $"{text[..(ScanLimits.MaxDetailBytes / 4)]} ...";
}
