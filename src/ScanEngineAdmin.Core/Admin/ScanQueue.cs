using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Scanning.Plan;
using ScanEngineAdmin.Scanning.Ports;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Core.Admin;

/// <summary>An admin's half of a scan: the row that the running console dispatches from.</summary>
internal sealed class ScanQueue
{
    private readonly IConsoleStore _store;
    private readonly NodeClient _client;

    internal ScanQueue(IConsoleStore store, NodeClient client)
    {
        _store = store;
        _client = client;
    }

    /// <summary>
    /// Queues a scan. Throws TargetInvalid, PortRangeInvalid, TooManyTargets before anything is written.
    /// </summary>
    public ScanRecord Add(Guid pairingId, ScanRequest request, ScanTerms? terms = null)
    {
        terms ??= new ScanTerms();
        ScanPlan plan = Check(pairingId, request, terms, out EngineRecord engine);
        request = plan.Request;
        DateTimeOffset now = _client.Time.GetUtcNow();
        var scan = new ScanRecord
        {
            ScanId = Guid.NewGuid(),
            PairingId = engine.PairingId,
            EngineName = engine.Name,
            Request = request,
            State = ScanState.Queued,
            Queued = now,
            Deadline = terms.Deadline,
            DeadlineAfter = terms.Deadline - now,
            Priority = terms.Priority,
            MaxAttempts = terms.MaxAttempts,
            TargetsTotal = plan.Targets.Count,
        };

        // Both or neither: whoever gets an error asks again, and must not have it scanned twice.
        _store.AddScan(scan, _client.Note(
            Events.ScanQueued,
            engine.PairingId,
            engine.Name,
            $"{scan.ScanId:D}: {plan.Targets.Count} targets, {plan.Ports.Count} ports"));
        _client.Ring();
        return scan;
    }

    /// <summary>What <see cref="Add"/> would refuse; writes nothing.</summary>
    public void Check(Guid pairingId, ScanRequest request, ScanTerms terms) =>
        Check(pairingId, request, terms, out _);

    private ScanPlan Check(Guid pairingId, ScanRequest request, ScanTerms terms, out EngineRecord engine)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(terms);
        engine = EngineAccess.Require(_store, pairingId);
        EngineAccess.RequirePaired(engine);
        terms.Check(_client.Time.GetUtcNow());
        return ScanPlan.Create(request with
        {
            // One target a text, and every port a number: what is shown, stored and sent has no comments, no lists
            // within a text, and no names that only this system knows.
            Targets = [.. TargetReader.Read(request.Targets).Select(static one => one.Text)],
            Exclude = [.. TargetReader.Read(request.Exclude ?? []).Select(static one => one.Text)],
            Ports = PortList.ParseTyped(new[] { request.Ports }).ToString(),
        });
    }

    /// <summary>The scans with why those wait that are queued; what is stored is not changed.</summary>
    public IReadOnlyList<ScanRecord> Explain(IEnumerable<ScanRecord> scans)
    {
        var waiting = new ScanWaiting(_store, _client.IsRunning);
        return [.. scans.Select(waiting.Explain)];
    }

    public ScanRecord Stop(Guid scanId)
    {
        bool asked = false;
        ScanRecord stopped = _store.UpdateScan(
            scanId,
            scan =>
            {
                asked = !scan.IsFinished;
                return scan switch
                {
                    { IsFinished: true } => scan,

                    // Nobody has it yet: there is nobody to ask.
                    { State: ScanState.Queued } => ScanOutcome.Stopped(
                        scan, _client.Time.GetUtcNow(), "Stopped before it was sent to the engine."),
                    _ => scan with { StopRequested = true },
                };
            },
            scan => asked ? Note(Events.ScanStopped, scan) : null) ?? throw NotFound(scanId);
        _client.Ring();
        return stopped;
    }

    /// <summary>
    /// Queues a scan that was stopped, failed or left out host names once more, from where its stored data ends: the
    /// names that were left out are looked up again, and what is stored of those behind them is not stored twice.
    /// Throws ScanNotResumable, DeadlinePassed (give a new one), ScanNotFound.
    /// </summary>
    public ScanRecord Resume(Guid scanId, DateTimeOffset? deadline = null)
    {
        ScanRecord there = Resumable(scanId, deadline);
        DateTimeOffset now = _client.Time.GetUtcNow();
        long from = SkippedUnits.First(there, _store);
        ScanRecord resumed = _store.UpdateScan(
            scanId,
            scan =>
            {
                CheckResumable(scan, deadline, now);
                return Again(scan, from) with
                {
                    Deadline = deadline ?? scan.Deadline,
                    DeadlineAfter = deadline is null ? scan.DeadlineAfter : deadline - now,
                };
            },
            scan => Note(Events.ScanResumed, scan, $": {scan.TargetsDone} of {scan.TargetsTotal} targets are done"))
            ?? throw NotFound(scanId);
        _client.Ring();
        return resumed;
    }

    /// <summary>What <see cref="Resume"/> would refuse; writes nothing.</summary>
    public void CheckResume(Guid scanId, DateTimeOffset? deadline) => Resumable(scanId, deadline);

    private ScanRecord Resumable(Guid scanId, DateTimeOffset? deadline)
    {
        DateTimeOffset now = _client.Time.GetUtcNow();
        ScanTerms.CheckDeadline(deadline, now);
        ScanRecord there = _store.GetScan(scanId) ?? throw NotFound(scanId);
        EngineAccess.RequirePaired(_store.GetEngine(there.PairingId) ?? throw NotFound(scanId));
        CheckResumable(there, deadline, now);
        return there;
    }

    /// <summary>What <see cref="Remove"/> would refuse; writes nothing.</summary>
    public void CheckRemove(Guid scanId, bool unfinished = false)
    {
        ScanRecord there = _store.GetScan(scanId) ?? throw NotFound(scanId);
        if (!there.IsFinished && !unfinished)
        {
            throw NotFinished(there);
        }
    }

    /// <summary>
    /// Removes a scan with its findings; an unfinished one only with <paramref name="unfinished"/>, and its engine
    /// drops it. Throws ScanNotFinished, ScanNotFound.
    /// </summary>
    public void Remove(Guid scanId, bool unfinished = false)
    {
        // Judged in the transaction that removes it: it may be resumed meanwhile.
        if (!_store.RemoveScan(scanId, scan => scan.IsFinished || unfinished
            ? Note(Events.ScanRemoved, scan, scan.IsFinished ? string.Empty : $", {scan.State}")
            : throw NotFinished(scan)))
        {
            throw NotFound(scanId);
        }

        _client.Ring();
        _client.CleanUp();
    }

    /// <summary>Watches a scan until it is finished. Throws TimedOut, ScanNotFound.</summary>
    public async Task<ScanRecord> WaitAsync(
        Guid scanId, TimeSpan timeout, Action<ScanRecord>? progress, CancellationToken cancellationToken)
    {
        ScanRecord? last = null;
        return await _client.WatchAsync(
            () => last = _store.GetScan(scanId) ?? throw NotFound(scanId),
            scan => scan.IsFinished,
            timeout,
            progress,
            cancellationToken).ConfigureAwait(false)
            ?? throw new ScanEngineException(
                FaultCode.TimedOut,
                $"Scan {scanId:D} of engine '{last?.EngineName}' is {last?.State} after {timeout.TotalSeconds:0.#} s "
                    + $"({last?.TargetsDone} of {last?.TargetsTotal} targets).",
                _client.IsRunning
                    ? "It goes on; wait longer, or stop it with Stop-EngineScan." : "Start-SecurityConsole",
                $"{scanId:D}");
    }

    private static ScanRecord Again(ScanRecord scan, long from) => scan with
    {
        State = ScanState.Queued,
        Finished = null,
        StopRequested = false,
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
        bool resumable = scan.State is ScanState.Failed or ScanState.Stopped
            || (scan.State == ScanState.Completed && SkippedUnits.Count(scan) > 0);
        if (!resumable)
        {
            throw new ScanEngineException(
                FaultCode.ScanNotResumable,
                $"Scan {scan.ScanId:D} of engine '{scan.EngineName}' is {scan.State}: only one that failed, was "
                    + "stopped or left out targets can be resumed.",
                scan.IsFinished ? "Start-EngineScan starts a new one." : $"Wait-EngineScan -ScanId {scan.ScanId:D}",
                $"{scan.ScanId:D}");
        }

        if (deadline is null && scan.Deadline is { } old && (old <= now || scan.Cause == ScanCause.DeadlinePassed))
        {
            throw new ScanEngineException(
                FaultCode.DeadlinePassed,
                $"The deadline of scan {scan.ScanId:D} of engine '{scan.EngineName}' has passed ({old:u}).",
                $"Give it a new one: Resume-EngineScan -ScanId {scan.ScanId:D} -Deadline 2h",
                $"{scan.ScanId:D}");
        }
    }

    private AuditEvent Note(string name, ScanRecord scan, string detail = "") =>
        _client.Note(name, scan.PairingId, scan.EngineName, $"{scan.ScanId:D}{detail}");

    private static ScanEngineException NotFinished(ScanRecord scan) => new(
        FaultCode.ScanNotFinished,
        $"Scan {scan.ScanId:D} of engine '{scan.EngineName}' is {scan.State}.",
        $"Stop-EngineScan -ScanId {scan.ScanId:D}, then wait for it: Wait-EngineScan -ScanId {scan.ScanId:D}; or "
            + "Remove-EngineScan -Force, which does not wait for its engine.",
        $"{scan.ScanId:D}");

    private static ScanEngineException NotFound(Guid scanId) => new(
        FaultCode.ScanNotFound,
        $"There is no scan {scanId:D} at this console.",
        "Get-EngineScan lists those that there are.",
        $"{scanId:D}");
}
