using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Plan;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// The unfinished scans of one engine, as the link sees them: with what keeps them, their deadlines and the order in
/// which they are started. Called by the link's loop only, but for <see cref="Held"/>.
/// </summary>
internal sealed class LinkScans(ConsoleContext node, Guid pairingId)
{
    private readonly ScanDeadlines _deadlines = new(node.Time);
    private readonly ScanRetry _retry = new(node.Options.ScanRetry, node.Options.MaxScanRetry);
    private TimeSpan _due = TimeSpan.MaxValue;

    /// <summary>Writes down what is so now, and returns what is unfinished, the next one to start first.</summary>
    public IReadOnlyList<ScanRecord> ListOpen(bool connected)
    {
        _due = TimeSpan.MaxValue;
        IReadOnlyList<ScanRecord> listed = node.Store.ListScans(pairingId, unfinishedOnly: true);
        List<ScanRecord> scans = listed.Select(scan => Check(scan, connected)).Where(scan => !scan.IsFinished).ToList();
        _deadlines.Keep(scans.Select(scan => scan.ScanId));
        return scans.Where(scan => scan.State != ScanState.Suspended).OrderBy(Rank).ToList();
    }

    /// <summary>Whose rank is lower is started first.</summary>
    public DateTimeOffset Rank(ScanRecord scan) =>
        scan.Queued - ((scan.Priority - ScanPriority.Normal) * node.Options.PriorityStep);

    /// <summary>When a deadline or a rest ends, if that is before <paramref name="wait"/> is over.</summary>
    public TimeSpan Earlier(TimeSpan wait) => _due < wait ? _due : wait;

    /// <summary>Whether a queued scan may be started now: not while it rests, nor in a maintenance window.</summary>
    public bool IsDue(ScanRecord scan) => !node.IsBlackedOut && _retry.Left(scan, node.Now) == TimeSpan.Zero;

    /// <summary>Until the deadline; of a part until its engine's time for it is over, if that is before.</summary>
    public TimeSpan? TimeLeft(ScanRecord scan)
    {
        TimeSpan? deadline = _deadlines.Left(scan);
        TimeSpan? lease = node.Pools.Leases.Left(scan);
        return deadline is null || lease < deadline ? lease ?? deadline : deadline;
    }

    /// <summary>The engine has confirmed the scan, over a channel to its present process.</summary>
    public void Back(ScanRecord scan, Guid boot)
    {
        if (scan.EngineBootId == boot && scan.Cause is not (ScanCause.LinkLost or ScanCause.SpoolFull))
        {
            return;
        }

        if (node.Store.UpdateScan(scan.ScanId, current => ScanOutcome.Back(current, boot)) is { } back
            && back.Interruptions > scan.Interruptions)
        {
            Log(LogLevel.Information, Events.ScanContinues, scan, $"goes on after {back.LastInterruption}.");
        }
    }

    /// <summary>The engine lost it with its spool; nobody runs it any more.</summary>
    public void Lost(ScanRecord scan)
    {
        ScanRecord? now = node.Store.UpdateScan(scan.ScanId, current => current.ParentId is null
            ? ScanOutcome.Lost(current, node.Now, _retry)
            : PartOutcome.Lose(current, node.Now));
        node.Pools.Wake();
        Log(
            LogLevel.Warning,
            Events.ScanLostAtEngine,
            scan,
            $"is not there any more: {(now is { IsFinished: false } ? "it is queued again" : $"{now?.Cause}")}.");
    }

    /// <summary>It was to end before its engine had taken it on, and the engine says that it has not.</summary>
    public void NotStarted(ScanRecord scan)
    {
        node.Store.UpdateScan(scan.ScanId, current => current switch
        {
            _ when current.State != ScanState.Dispatched || current.Attempt != scan.Attempt => current,
            { ParentId: not null } => PartOutcome.Lose(current, node.Now),
            { StopRequested: false, Suspension: not ScanSuspension.Asked } => current,
            { StopRequested: true, Cause: not ScanCause.DeadlinePassed } => ScanOutcome.Stopped(
                current, node.Now,
                current.Detail.Length > 0 ? current.Detail : "Stopped before it was started."),
            _ => ScanOutcome.Lost(current, node.Now, _retry),
        });
        node.Pools.Wake();
    }

    /// <summary>After its last batch was stored, in the transaction that stored it.</summary>
    public ScanRecord Settle(ScanRecord scan) => scan.ParentId is null
        ? ScanOutcome.Settle(scan, node.Now, _retry)
        : PartOutcome.Settle(scan, node.Now, scan.Lease ?? EnginePool.DefaultAwayAfter);

    /// <summary>The engine says that a scan waits for room in its spool, or no longer.</summary>
    public void Held(ScanHeld held) => node.Store.UpdateScan(held.ScanId, scan => scan switch
    {
        { State: not (ScanState.Dispatched or ScanState.Running) } => scan,
        _ when scan.PairingId != pairingId || scan.Attempt != held.Attempt => scan,
        { Cause: ScanCause.None } when held.Held => scan with { Cause = ScanCause.SpoolFull, CauseSince = node.Now },
        { Cause: ScanCause.SpoolFull } when !held.Held => ScanOutcome.Over(scan, ScanCause.SpoolFull),
        _ => scan,
    });

    private ScanRecord Check(ScanRecord scan, bool connected)
    {
        if (scan.State == ScanState.Queued && _retry.Left(scan, node.Now) is { } rest && rest > TimeSpan.Zero)
        {
            Due(rest);
        }

        if (scan is { ParentId: null, State: ScanState.Queued, Suspension: ScanSuspension.Asked, StopRequested: false })
        {
            // It was queued again while it was to rest: nobody runs it.
            scan = Update(scan, current => ScanOutcome.Rest(current, node.Now));
        }

        ScanRecord now = _deadlines.Left(scan) is { } left ? CheckDeadline(scan, left) : scan;
        bool cutOff = !connected && now.State is ScanState.Dispatched or ScanState.Running
            && now.Cause is ScanCause.None or ScanCause.SpoolFull or ScanCause.ConsoleFull or ScanCause.QuotaReached;
        return !cutOff ? now : Update(now, current => current with
        {
            Cause = ScanCause.LinkLost,
            CauseSince = node.Now,
        });
    }

    private ScanRecord CheckDeadline(ScanRecord scan, TimeSpan left)
    {
        if (left > TimeSpan.Zero)
        {
            Due(left);
            return scan;
        }

        bool nowhere = scan.State is ScanState.Queued or ScanState.Suspended;
        if (nowhere || left <= -node.Options.DeadlineGrace)
        {
            // An admin's stop that never reached the engine was the first to end it.
            ScanRecord over = Update(scan, current =>
                current is { StopRequested: true, Cause: not ScanCause.DeadlinePassed }
                ? ScanOutcome.Stopped(current, node.Now, "Stopped; the engine did not answer until the deadline.")
                : nowhere ? ScanOutcome.Overdue(current, node.Now)
                : ScanOutcome.OverdueUnheard(current, node.Now));
            Log(LogLevel.Warning, Events.ScanFinished, scan, $"{over.State}: {over.Detail}");
            return over;
        }

        Due(left + node.Options.DeadlineGrace);
        return scan.StopRequested ? scan : Update(scan, current => current.StopRequested ? current : current with
        {
            StopRequested = true,
            Cause = ScanCause.DeadlinePassed,
            CauseSince = node.Now,
        });
    }

    /// <summary>Only if it still is as it was judged: its last batch may have been stored meanwhile.</summary>
    private ScanRecord Update(ScanRecord seen, Func<ScanRecord, ScanRecord> change) =>
        node.Store.UpdateScan(seen.ScanId, current =>
            current.State == seen.State && current.Attempt == seen.Attempt && current.Deadline == seen.Deadline
                ? change(current)
                : current) ?? seen;

    private void Due(TimeSpan left) => _due = left < _due ? left : _due;

    private void Log(LogLevel level, string name, ScanRecord scan, string what) => node.Log(
        level,
        name,
        $"Scan {scan.ScanId} at engine {scan.EngineName}: {what}",
        ("scan", scan.ScanId.ToString("D")),
        ("pairing", pairingId.ToString("D")),
        ("engine", scan.EngineName));
}
