using ScanEngineAdmin.Core.Directions;
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
    private readonly ScanResume _resume;

    internal ScanQueue(IConsoleStore store, NodeClient client)
    {
        _store = store;
        _client = client;
        _resume = new ScanResume(store, client);
    }

    /// <summary>
    /// Queues a scan. Throws TargetInvalid, PortRangeInvalid, TooManyTargets before anything is written.
    /// </summary>
    public ScanRecord Add(Guid pairingId, ScanRequest request, ScanTerms? terms = null)
    {
        terms ??= new ScanTerms();
        ScanPlan plan = Check(pairingId, request, terms, out EngineRecord engine);
        return Add(Queued(engine.PairingId, engine.Name, plan, terms), plan, string.Empty);
    }

    /// <summary>
    /// Queues a scan that the engines of a pool share. Throws as <see cref="Add(Guid, ScanRequest, ScanTerms)"/>.
    /// </summary>
    public ScanRecord AddToPool(EnginePool pool, ScanRequest request, ScanTerms? terms = null)
    {
        ArgumentNullException.ThrowIfNull(pool);
        terms ??= new ScanTerms();
        ScanPlan plan = CheckTerms(request, terms);
        ScanRecord scan = Queued(pool.PoolId, pool.Name, plan, terms) with { IsPool = true, Attempt = 1 };
        return Add(scan, plan, ", shared by a pool");
    }

    private ScanRecord Queued(Guid owner, string name, ScanPlan plan, ScanTerms terms)
    {
        DateTimeOffset now = _client.Time.GetUtcNow();
        return new ScanRecord
        {
            ScanId = Guid.NewGuid(),
            PairingId = owner,
            EngineName = name,
            Request = plan.Request,
            State = ScanState.Queued,
            Queued = now,
            Deadline = terms.Deadline,
            DeadlineAfter = terms.Deadline - now,
            Priority = terms.Priority,
            MaxAttempts = terms.MaxAttempts,
            TargetsTotal = plan.Targets.Count,
        };
    }

    /// <summary>Both the scan and the note of it, or neither: whoever gets an error asks again, and must not have it
    /// scanned twice.</summary>
    private ScanRecord Add(ScanRecord scan, ScanPlan plan, string how)
    {
        _store.AddScan(scan, Note(
            Events.ScanQueued, scan, $": {plan.Targets.Count} targets, {plan.Ports.Count} ports{how}"));
        _client.Ring();
        return scan;
    }

    /// <summary>What <see cref="Add(Guid, ScanRequest, ScanTerms)"/> would refuse; writes nothing.</summary>
    public void Check(Guid pairingId, ScanRequest request, ScanTerms terms) =>
        Check(pairingId, request, terms, out _);

    /// <summary>What <see cref="Add(Guid, ScanRequest, ScanTerms)"/> would queue, for a schedule; writes nothing.</summary>
    internal ScanPlan Plan(Guid pairingId, ScanRequest request, ScanTerms terms) =>
        Check(pairingId, request, terms, out _);

    private ScanPlan Check(Guid pairingId, ScanRequest request, ScanTerms terms, out EngineRecord engine)
    {
        engine = EngineAccess.Require(_store, pairingId);
        EngineAccess.RequirePaired(engine);
        return CheckTerms(request, terms);
    }

    /// <summary>What <see cref="AddToPool"/> would refuse; writes nothing.</summary>
    public ScanPlan CheckTerms(ScanRequest request, ScanTerms terms)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(terms);
        terms.Check(_client.Time.GetUtcNow());
        return ScanPlan.Create(request with
        {
            // One target a text, and every port a number: what is shown, stored and sent has no comments, no lists
            // within a text, and no names that only this system knows.
            Targets = [.. TargetReader.Read(request.Targets, toScan: true).Select(static one => one.Text)],
            Exclude = [.. TargetReader.Read(request.Exclude ?? []).Select(static one => one.Text)],
            Ports = PortList.ParseTyped(new[] { request.Ports }).ToString(),
        });
    }

    /// <summary>The scans with why those wait that are queued; what is stored is not changed.</summary>
    public IReadOnlyList<ScanRecord> Explain(IEnumerable<ScanRecord> scans)
    {
        var waiting = new ScanWaiting(_store, _client.IsRunning, BlackOutEnd());
        return [.. scans.Select(waiting.Explain)];
    }

    /// <summary>Windows that this host cannot reckon hold nothing up, and who looks at scans need not hear of it.</summary>
    private DateTimeOffset? BlackOutEnd()
    {
        try
        {
            return ConsoleBlackOut.Read(_store).Understood().Until(_client.Time.GetUtcNow());
        }
        catch (ScanEngineException fault) when (fault.Code is FaultCode.ScheduleInvalid or FaultCode.StoreDamaged)
        {
            return null;
        }
    }

    public ScanRecord Stop(Guid scanId)
    {
        bool asked = false;
        ScanRecord stopped = _store.UpdateScan(
            scanId,
            scan =>
            {
                RequireWhole(scan);
                asked = !scan.IsFinished;
                return scan switch
                {
                    { IsFinished: true } => scan,

                    // Nobody has it: there is nobody to ask.
                    { State: ScanState.Suspended } => ScanOutcome.Stopped(
                        scan, _client.Time.GetUtcNow(), "Stopped while it was suspended."),
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
    /// Lets a scan rest until it is resumed. What its engine has found until then is kept, and its place there is free.
    /// Throws ScanNotSuspendable (it is finished, or is being stopped), ScanNotFound.
    /// </summary>
    public ScanRecord Suspend(Guid scanId)
    {
        bool asked = false;
        ScanRecord suspended = _store.UpdateScan(
            scanId,
            scan =>
            {
                RequireWhole(scan);
                CheckSuspendable(scan);
                asked = scan.State != ScanState.Suspended && scan.Suspension != ScanSuspension.Asked;
                return ScanOutcome.Suspend(scan, _client.Time.GetUtcNow());
            },
            scan => asked
                ? Note(Events.ScanSuspended, scan, $": {scan.TargetsDone} of {scan.TargetsTotal} targets are done")
                : null) ?? throw NotFound(scanId);
        _client.Ring();
        return suspended;
    }

    /// <summary>What <see cref="Suspend"/> would refuse; writes nothing.</summary>
    public void CheckSuspend(Guid scanId) => CheckSuspendable(_store.GetScan(scanId) ?? throw NotFound(scanId));

    /// <summary>
    /// Lets a suspended scan go on where it was. Queues a scan that was stopped, failed or left out host names once
    /// more, from where its stored data ends: the names that were left out are looked up again, and what is stored of
    /// those behind them is not stored twice. Throws ScanNotResumable, DeadlinePassed (give a new one), ScanNotFound.
    /// </summary>
    public ScanRecord Resume(Guid scanId, DateTimeOffset? deadline = null) => _resume.Resume(scanId, deadline);

    /// <summary>What <see cref="Resume"/> would refuse; writes nothing.</summary>
    public void CheckResume(Guid scanId, DateTimeOffset? deadline) => _resume.Check(scanId, deadline);

    /// <summary>A part of a pool's scan is no scan of its own to an admin.</summary>
    internal static void RequireWhole(ScanRecord scan)
    {
        if (scan.ParentId is not null)
        {
            throw NotFound(scan.ScanId);
        }
    }

    /// <summary>What <see cref="Remove"/> would refuse; writes nothing.</summary>
    public void CheckRemove(Guid scanId, bool unfinished = false)
    {
        ScanRecord there = _store.GetScan(scanId) ?? throw NotFound(scanId);
        RequireWhole(there);
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
        if (!_store.RemoveScan(scanId, scan =>
        {
            RequireWhole(scan);
            return scan.IsFinished || unfinished
                ? Note(Events.ScanRemoved, scan, scan.IsFinished ? string.Empty : $", {scan.State}")
                : throw NotFinished(scan);
        }))
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

    private static void CheckSuspendable(ScanRecord scan)
    {
        if (scan.IsFinished || scan.StopRequested)
        {
            throw new ScanEngineException(
                FaultCode.ScanNotSuspendable,
                $"Scan {scan.ScanId:D} {Whose(scan)} is {scan.State}"
                    + $"{(scan.IsFinished ? string.Empty : " and is being stopped")}: only one that goes on can rest.",
                scan.IsFinished
                    ? $"Receive-EngineScan -ScanId {scan.ScanId:D} reads what it found."
                    : $"Wait-EngineScan -ScanId {scan.ScanId:D}; Resume-EngineScan lets it go on after that.",
                $"{scan.ScanId:D}");
        }
    }

    internal static string Whose(ScanRecord scan) => $"of {(scan.IsPool ? "pool" : "engine")} '{scan.EngineName}'";

    private AuditEvent Note(string name, ScanRecord scan, string detail = "") =>
        _client.Note(name, scan.PairingId, scan.EngineName, $"{scan.ScanId:D}{detail}");

    private static ScanEngineException NotFinished(ScanRecord scan) => new(
        FaultCode.ScanNotFinished,
        $"Scan {scan.ScanId:D} {Whose(scan)} is {scan.State}.",
        $"Stop-EngineScan -ScanId {scan.ScanId:D}, then wait for it: Wait-EngineScan -ScanId {scan.ScanId:D}; or "
            + "Remove-EngineScan -Force, which does not wait for its engine.",
        $"{scan.ScanId:D}");

    internal static ScanEngineException NotFound(Guid scanId) => new(
        FaultCode.ScanNotFound,
        $"There is no scan {scanId:D} at this console.",
        "Get-EngineScan lists those that there are.",
        $"{scanId:D}");
}
