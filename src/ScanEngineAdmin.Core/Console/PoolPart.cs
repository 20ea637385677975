using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Plan;

namespace ScanEngineAdmin.Core.Console;

/// <summary>Makes a scan of a part: its engine does not tell it from any other.</summary>
internal static class PoolPart
{
    public static ScanRecord Of(ScanRecord scan, ScanPlan plan, EngineRecord engine, PartOffer offer, PartTerms terms)
    {
        int ports = plan.Ports.Count;
        long targets = offer.Targets.Units / ports;
        var id = Guid.NewGuid();
        long from = offer.From - offer.Targets.First;
        return new ScanRecord
        {
            ScanId = id,
            ParentId = scan.ScanId,
            PairingId = engine.PairingId,
            EngineName = engine.Name,
            Request = scan.Request with
            {
                Targets = plan.Targets.Slice(offer.Targets.First / ports, targets),

                // Addresses are out of the targets already; only host names concern an engine.
                Exclude = plan.Exclusions.ConcernEngine(plan.Targets) ? scan.Request.Exclude : [],
                MaxRate = offer.Rate,
            },
            State = ScanState.Queued,
            Queued = terms.Now,
            TargetsTotal = targets,
            Cursor = from,
            PartFrom = from,
            FirstUnit = offer.Targets.First,
            PartUnits = offer.Targets.Units,
            Round = scan.Attempt,
            Lease = terms.Lease,
            MaxAttempts = 1,
            Priority = scan.Priority,
            Deadline = scan.Deadline,
            DeadlineAfter = scan.Deadline - terms.Now,
        };
    }
}
