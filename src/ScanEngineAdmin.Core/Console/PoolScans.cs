using System.Collections.Concurrent;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Plan;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// Shares the scans of pools out: an engine's link asks for a part when the engine has a place free. Whether there is
/// anything to give is known from the last look, so that the links of many engines do not read the same again and again.
/// What is given is worked out from what is stored, and written in the same transaction, so no unit is given twice.
/// </summary>
internal sealed class PoolScans
{
    private readonly ConsoleContext _node;
    private readonly Action<Guid> _wake;
    private readonly PoolSettlement _settlement;
    private readonly ConcurrentDictionary<Guid, bool> _tooOld = new();
    private readonly PoolPlans _plans = new();
    private readonly ScanRetry _retry;
    private volatile IReadOnlyList<PoolView> _views = [];

    /// <param name="node">The console.</param>
    /// <param name="isConnected">Whether a channel to that engine is open.</param>
    /// <param name="wake">Has an engine's link look for what it is to do.</param>
    public PoolScans(ConsoleContext node, Func<Guid, bool> isConnected, Action<Guid> wake)
    {
        _node = node;
        _wake = wake;
        _retry = new ScanRetry(node.Options.ScanRetry, node.Options.MaxScanRetry);
        Leases = new PartLeases(node.Time);
        _settlement = new PoolSettlement(node, this, isConnected);
    }

    public PartLeases Leases { get; }

    /// <summary>
    /// Whether there is a scan of a pool that is not finished, as of the last look: a console without one does not ask
    /// its store about them all the time.
    /// </summary>
    public bool Any => _views.Count > 0;

    /// <summary>A part has ended, or a scan was written: what follows is settled soon.</summary>
    public void Wake() => _settlement.Wake();

    public Task RunAsync(CancellationToken cancellationToken) => _settlement.RunAsync(cancellationToken);

    /// <summary>Something was written: scans of pools are looked at soon, also if there were none.</summary>
    public void Look() => _settlement.Look();

    /// <summary>Settles all of them once. For tests, which count what one turn reads.</summary>
    public void Turn() => _settlement.Turn();

    /// <summary>This is how those are that are not finished: whoever may be given a part is to ask for one.</summary>
    public void Show(IReadOnlyList<PoolView> views)
    {
        _views = views;
        foreach (PoolView view in views.Where(view => !_node.IsBlackedOut && IsShared(view.Scan)))
        {
            PartLedger ledger = Ledger(view);
            WakeAll(view.Members.Select(member => member.PairingId)
                .Where(engine => ledger.Open.Count > 0 && Offer(view, ledger, engine) is not null));
        }
    }

    public void WakeAll(IEnumerable<Guid> engines)
    {
        foreach (Guid engine in engines)
        {
            _wake(engine);
        }
    }

    /// <summary>Whether the engine may be given something soon: it is to be reached then.</summary>
    public bool HasWork(Guid pairingId) => !_node.IsBlackedOut
        && _views.Any(view => IsShared(view.Scan) && IsMember(view, pairingId));

    /// <summary>Parts for the engine's free places, in the order in which its scans are started.</summary>
    public IReadOnlyList<ScanRecord> Give(
        EngineRecord engine, LinkChannel channel, LinkScans rules, IReadOnlyList<ScanRecord> scans)
    {
        // One that cannot end a part by itself would go on with what another is given.
        _tooOld[engine.PairingId] = !channel.Facts.ScanLease;
        if (!Any || !channel.Facts.ScanLease || _node.IsBlackedOut)
        {
            return [];
        }

        int free = _node.Options.MaxScansPerEngine
            - scans.Count(scan => scan.State is ScanState.Dispatched or ScanState.Running);
        List<ScanRecord> queued = [.. scans.Where(scan => scan.State == ScanState.Queued && rules.IsDue(scan))];
        var given = new List<ScanRecord>();
        foreach (PoolView view in _views.OrderBy(view => rules.Rank(view.Scan)))
        {
            ScanRecord scan = view.Scan;
            int before = queued.Count(other => other.ParentId is not null || rules.Rank(other) < rules.Rank(scan));
            if (IsShared(scan) && given.Count + before < free && scans.All(part => part.ParentId != scan.ScanId)
                && Offer(view, Ledger(view), engine.PairingId) is not null && Give(engine, scan) is { } part)
            {
                given.Add(part);
            }
        }

        return given;
    }

    /// <summary>Those that are there, or were lately.</summary>
    public HashSet<Guid> Available(PoolView view) =>
    [
        .. view.Members
            .Where(member => member.IsPaired && !_tooOld.GetValueOrDefault(member.PairingId)
                && (member.IsActive || _node.Now - member.LastContact < AwayAfter(view)))
            .Select(member => member.PairingId),
    ];

    public PartLedger Ledger(PoolView view)
    {
        ScanPlan plan = _plans.Of(view.Scan);
        return new PartLedger(
            plan.Units, plan.Ports.Count, view.Scan.Attempt, view.Scan.MaxAttempts, view.Parts);
    }

    private static bool IsShared(ScanRecord scan) => scan.State is ScanState.Queued or ScanState.Running
        && !scan.StopRequested && scan.Suspension != ScanSuspension.Asked;

    private static TimeSpan AwayAfter(PoolView view) => view.Pool?.AwayAfter ?? EnginePool.DefaultAwayAfter;

    private static bool IsMember(PoolView view, Guid engine) =>
        view.Members.Any(member => member.PairingId == engine);

    private PartTerms Terms(PoolView view) =>
        new(AwayAfter(view), _retry, view.Scan.Request.MaxRate, _node.Now);

    /// <summary>What the engine may be given now.</summary>
    private PartOffer? Offer(PoolView view, PartLedger ledger, Guid engine)
    {
        if (!IsShared(view.Scan) || !IsMember(view, engine))
        {
            return null;
        }

        HashSet<Guid> members = Available(view);
        members.Add(engine);
        return PartPlanner.Offer(ledger, _plans.Of(view.Scan).Ports.Count, engine, members, Terms(view));
    }

    private ScanRecord? Give(EngineRecord engine, ScanRecord scan)
    {
        // Parsed before the store is locked.
        ScanPlan plan = _plans.Of(scan);
        ScanRecord? part = _node.Store.UpdatePoolScan(scan.ScanId, Next)?.Given;
        if (part is not null)
        {
            _node.Log(
                LogLevel.Information,
                Events.ScanPartGiven,
                $"Scan {scan.ScanId} of pool {scan.EngineName}: {part.TargetsTotal} targets to engine {engine.Name} "
                    + $"as {part.ScanId}.",
                ("scan", scan.ScanId.ToString("D")),
                ("part", part.ScanId.ToString("D")),
                ("pairing", engine.PairingId.ToString("D")));
        }

        return part;

        PoolStep? Next(PoolView now) => Offer(now, Ledger(now), engine.PairingId) is { } offer
            ? new PoolStep(now.Scan with { State = ScanState.Running, Started = now.Scan.Started ?? _node.Now })
            {
                Given = PoolPart.Of(now.Scan, plan, engine, offer, Terms(now)),
            }
            : null;
    }
}
