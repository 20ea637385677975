using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Plan;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// One loop that settles what follows from parts that ended or whose time is over, from stops, rests and deadlines. What
/// it does is worked out from what is stored: a console that is killed in between does it when it starts.
/// </summary>
internal sealed class PoolSettlement(ConsoleContext node, PoolScans pools, Func<Guid, bool> isConnected)
{
    private readonly AsyncSignal _wake = new(TimeSpan.FromMilliseconds(20));
    private readonly ScanDeadlines _deadlines = new(node.Time);
    private volatile bool _look = true;

    public void Wake() => _wake.Set();

    /// <summary>Settles soon, also if there was nothing to settle.</summary>
    public void Look()
    {
        _look = true;
        Wake();
    }

    /// <summary>Settles until the node stops.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (_look || pools.Any)
                {
                    Turn();
                }
            }
            catch (ScanEngineException exception)
            {
                _look = true;
                node.Log(LogLevel.Warning, Events.StoreFault, exception.Message);
            }

            await _wake.WaitAsync(node.Options.StoreCheck, node.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Settles each once, and shows how they are.</summary>
    public void Turn()
    {
        _look = false;
        long read = node.Time.GetTimestamp();
        IReadOnlyList<Guid> scans = node.Store.ListPoolScans();
        _deadlines.Keep(scans);
        List<PoolView> views = [.. scans.Select(Settle).OfType<PoolView>().Where(static view => !view.Scan.IsFinished)];
        pools.Leases.Keep(views.SelectMany(static view => view.Parts).Where(static part => part.IsOpen)
            .Select(static part => part.ScanId).ToHashSet(), read);
        pools.Show(views);
    }

    private PoolView? Settle(Guid scanId)
    {
        if (node.Store.GetPoolView(scanId) is not { } view)
        {
            return null;
        }

        // One that rests has nothing to settle, and its targets need not be read for that.
        bool rests = view.Scan is { State: ScanState.Suspended, StopRequested: false }
            && !view.Parts.Any(static part => part.IsOpen) && _deadlines.Left(view.Scan) is null;
        try
        {
            return rests ? view : Settle(scanId, view);
        }
        catch (ScanEngineException exception) when (ScanOutcome.IsBeyondLimits(exception))
        {
            node.Store.UpdatePoolScan(scanId, now => new PoolStep(ScanOutcome.BeyondLimits(now.Scan, node.Now, exception))
            {
                Parts = now.Parts.Where(static part => part.IsOpen).ToDictionary<
                    ScanPart, Guid, Func<ScanRecord, ScanRecord>>(
                    static part => part.ScanId, _ => part => PartOutcome.Withdraw(part, node.Now)),
            });
            return null;
        }
    }

    private PoolView Settle(Guid scanId, PoolView view)
    {
        PoolStep wanted = Judge(view);
        if (wanted.Scan != view.Scan || wanted.Parts.Count > 0)
        {
            PoolStep? step = node.Store.UpdatePoolScan(scanId, Judge);
            view = node.Store.GetPoolView(scanId) ?? view;
            Tell(view, step);
        }

        return view;
    }

    private PoolStep Judge(PoolView now)
    {
        var over = now.Parts.Where(IsOver).ToDictionary<ScanPart, Guid, Func<ScanRecord, ScanRecord>>(
            part => part.ScanId, _ => part => PartOutcome.Withdraw(part, node.Now));
        ScanRecord scan = now.Scan;
        if (!scan.StopRequested && !scan.IsFinished && _deadlines.Left(scan) <= TimeSpan.Zero)
        {
            scan = scan with { StopRequested = true, Cause = ScanCause.DeadlinePassed, CauseSince = node.Now };
        }

        return over.Count > 0 || scan != now.Scan || scan.IsFinished
            ? new PoolStep(scan) { Parts = over }
            : PoolOutcome.Settle(now, pools.Ledger(now), pools.Available(now), node.Now);
    }

    /// <summary>
    /// Nobody scans it any more: its time is over at its engine. One that is connected and has delivered some of it is
    /// heard out for as long again.
    /// </summary>
    private bool IsOver(ScanPart part) => part.IsOpen && pools.Leases.Elapsed(part.ScanId) is { } had
        && had > part.Lease + node.Options.LeaseMargin
        && (part.State != ScanState.Running || !isConnected(part.PairingId)
            || had > (2 * part.Lease) + node.Options.LeaseMargin);

    private void Tell(PoolView view, PoolStep? step)
    {
        ScanPart[] changed = [.. view.Parts.Where(part => step?.Parts.ContainsKey(part.ScanId) == true)];
        pools.WakeAll(changed.Select(part => part.PairingId));
        foreach (ScanPart part in changed.Where(part => part is { State: ScanState.Stopped, Cause: ScanCause.LinkLost }))
        {
            node.Log(
                LogLevel.Warning,
                Events.ScanPartWithdrawn,
                $"Scan {view.Scan.ScanId} of pool {view.Scan.EngineName}: part {part.ScanId} of engine "
                    + $"{part.EngineName}, which is away, goes to another.",
                ("scan", view.Scan.ScanId.ToString("D")),
                ("part", part.ScanId.ToString("D")),
                ("pairing", part.PairingId.ToString("D")),
                ("engine", part.EngineName));
        }

        if (view.Scan.IsFinished)
        {
            node.Log(
                LogLevel.Information,
                Events.ScanFinished,
                $"Scan {view.Scan.ScanId} of pool {view.Scan.EngineName} {view.Scan.State}. {view.Scan.Detail}",
                ("scan", view.Scan.ScanId.ToString("D")),
                ("state", view.Scan.State.ToString()));
            return;
        }

        // What was withdrawn or has ended is settled further at once, and given to whoever is there.
        Wake();
    }
}
