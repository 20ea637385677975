using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Scanning.Plan;

namespace ScanEngineAdmin.Core.Admin;

/// <summary>An admin has a scan go on that rests, failed, was stopped or left out targets.</summary>
internal sealed class ScanResume(IConsoleStore store, NodeClient client)
{
    /// <summary>
    /// Lets a suspended scan go on where it was. Queues a scan that was stopped, failed or left out host names once
    /// more, from where its stored data ends: the names that were left out are looked up again, and what is stored of
    /// those behind them is not stored twice. Throws ScanNotResumable, DeadlinePassed (give a new one), ScanNotFound.
    /// </summary>
    public ScanRecord Resume(Guid scanId, DateTimeOffset? deadline = null)
    {
        ScanRecord there = Resumable(scanId, deadline);
        DateTimeOffset now = client.Time.GetUtcNow();
        if (there.IsPool && there.IsFinished)
        {
            return ResumePool(there, deadline, now);
        }

        long from = there.IsFinished ? SkippedUnits.First(there, store) : there.Cursor;
        ScanRecord resumed = store.UpdateScan(
            scanId,
            scan =>
            {
                CheckResumable(scan, deadline, now);
                return (scan.IsFinished ? Again(scan, from) : ScanOutcome.GoOn(scan)) with
                {
                    Deadline = deadline ?? scan.Deadline,
                    DeadlineAfter = deadline is null ? scan.DeadlineAfter : deadline - now,
                    Resumed = now,
                };
            },
            scan => Note(scan))
            ?? throw ScanQueue.NotFound(scanId);
        client.Ring();
        return resumed;
    }

    /// <summary>What the engines refused or failed at is offered to all of them again, with what was left out.</summary>
    private ScanRecord ResumePool(ScanRecord there, DateTimeOffset? deadline, DateTimeOffset now)
    {
        IReadOnlyDictionary<Guid, long> from = store.GetPoolView(there.ScanId) is { } seen
            ? SkippedUnits.FirstOfParts(seen.Parts, store.ReadFindings(there.ScanId))
            : new Dictionary<Guid, long>();
        PoolStep? resumed = store.UpdatePoolScan(
            there.ScanId,
            view =>
            {
                CheckResumable(view.Scan, deadline, now);
                return new PoolStep(Again(view.Scan, view.Scan.Cursor) with
                {
                    TargetsDone = view.Scan.TargetsDone - view.Parts.Where(part => from.ContainsKey(part.ScanId)).Sum(
                        part => SkippedUnits.TargetOf(view.Scan, part.Cursor)
                            - SkippedUnits.TargetOf(view.Scan, from[part.ScanId])),
                    Attempt = view.Scan.Attempt + 1,
                    Resumed = now,
                    Deadline = deadline ?? view.Scan.Deadline,
                    DeadlineAfter = deadline is null ? view.Scan.DeadlineAfter : deadline - now,
                })
                {
                    Parts = from.ToDictionary<KeyValuePair<Guid, long>, Guid, Func<ScanRecord, ScanRecord>>(
                        part => part.Key,
                        part => ended => ended with { State = ScanState.Stopped, Cursor = part.Value }),
                };
            },
            scan => Note(scan));
        client.Ring();
        return resumed?.Scan ?? throw ScanQueue.NotFound(there.ScanId);
    }

    /// <summary>What <see cref="Resume"/> would refuse; writes nothing.</summary>
    public void Check(Guid scanId, DateTimeOffset? deadline) => Resumable(scanId, deadline);

    private ScanRecord Resumable(Guid scanId, DateTimeOffset? deadline)
    {
        DateTimeOffset now = client.Time.GetUtcNow();
        ScanTerms.CheckDeadline(deadline, now);
        ScanRecord there = store.GetScan(scanId) ?? throw ScanQueue.NotFound(scanId);
        ScanQueue.RequireWhole(there);
        if (there.IsPool)
        {
            _ = store.GetPool(there.PairingId) ?? throw PoolAdmin.NotFound(there.EngineName);
        }
        else
        {
            EngineAccess.RequirePaired(store.GetEngine(there.PairingId) ?? throw ScanQueue.NotFound(scanId));
        }

        CheckResumable(there, deadline, now);
        return there;
    }

    private static ScanRecord Again(ScanRecord scan, long from) => scan with
    {
        State = ScanState.Queued,
        Finished = null,
        StopRequested = false,
        Suspension = ScanSuspension.None,
        FailedAttempts = 0,
        NotBefore = null,
        Cause = ScanCause.None,
        CauseSince = null,
        LastInterruption = scan.Cause == ScanCause.None ? scan.LastInterruption : scan.Cause,
        Interruptions = scan.Cause == ScanCause.None ? scan.Interruptions : scan.Interruptions + 1,
        Detail = string.Empty,
        Cursor = Math.Min(from, scan.Cursor),
        TargetsDone = from < scan.Cursor ? SkippedUnits.TargetOf(scan, from) : scan.TargetsDone,
    };

    private static void CheckResumable(ScanRecord scan, DateTimeOffset? deadline, DateTimeOffset now)
    {
        bool resumable = scan.State is ScanState.Failed or ScanState.Stopped or ScanState.Suspended
            || (!scan.IsFinished && scan.Suspension == ScanSuspension.Asked)
            || (scan.State == ScanState.Completed && SkippedUnits.Count(scan) > 0);
        if (!resumable)
        {
            throw new ScanEngineException(
                FaultCode.ScanNotResumable,
                $"Scan {scan.ScanId:D} {ScanQueue.Whose(scan)} is {scan.State}: only one that is "
                    + "suspended, failed, was stopped or left out targets can be resumed.",
                scan.IsFinished ? "Start-EngineScan starts a new one." : $"Wait-EngineScan -ScanId {scan.ScanId:D}",
                $"{scan.ScanId:D}");
        }

        if (deadline is null && scan.Deadline is { } old && (old <= now || scan.Cause == ScanCause.DeadlinePassed))
        {
            throw new ScanEngineException(
                FaultCode.DeadlinePassed,
                $"The deadline of scan {scan.ScanId:D} {ScanQueue.Whose(scan)} has passed ({old:u}).",
                $"Give it a new one: Resume-EngineScan -ScanId {scan.ScanId:D} -Deadline 2h",
                $"{scan.ScanId:D}");
        }
    }

    private AuditEvent Note(ScanRecord scan) => client.Note(
        Events.ScanResumed,
        scan.PairingId,
        scan.EngineName,
        $"{scan.ScanId:D}: {scan.TargetsDone} of {scan.TargetsTotal} targets are done");
}
