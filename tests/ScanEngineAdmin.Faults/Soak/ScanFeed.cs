using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Faults.Soak;

/// <summary>
/// Queues scans all the time, so that every engine has something to do, and watches what becomes of them.
/// </summary>
internal sealed class ScanFeed(SoakLab lab, Recoveries recoveries)
{
    private const int AtOnce = 2;

    // Most are over before a cut link is noticed; some outlast it, and a reconnect finds them running.
    private static readonly int[] PerSecond = [20, 6, 20, 10];
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(150);

    private readonly object _gate = new();
    private readonly List<SoakScan> _scans = [];
    private bool _closed;

    public IReadOnlyList<SoakScan> Scans
    {
        get
        {
            lock (_gate)
            {
                return [.. _scans];
            }
        }
    }

    /// <summary>How often the console's store did not take what was asked: asked again, as an admin would.</summary>
    public int Refusals { get; private set; }

    /// <summary>From now on nothing new is queued; what there is is watched on.</summary>
    public void Close() => _closed = true;

    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Period);
        try
        {
            do
            {
                Look();
                if (!_closed)
                {
                    Fill();
                }
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // The soak is over.
        }
    }

    public SoakScan Queue(SoakEngine engine)
    {
        SoakScan scan;
        lock (_gate)
        {
            uint number = (uint)_scans.Count;
            (ScanRequest request, ScanVisits visits) = lab.Target.Scan(number, PerSecond[number % PerSecond.Length]);
            scan = new SoakScan(number, engine, request, visits);
            _scans.Add(scan);
        }

        scan.ScanId = lab.Console.Scans.Add(engine.PairingId, scan.Request).ScanId;
        return scan;
    }

    /// <summary>Stops a scan of that engine that is not over, as an admin does; false if there is none.</summary>
    public bool Stop(SoakEngine engine, int draw)
    {
        List<SoakScan> running =
        [
            .. Scans.Where(scan => scan.Engine == engine
                && scan is { IsOver: false, StopAsked: false, ScanId: not null }),
        ];
        if (running.Count == 0)
        {
            return false;
        }

        SoakScan chosen = running[draw % running.Count];
        chosen.StopAsked = true;
        lab.Console.Scans.Stop(chosen.ScanId!.Value);
        return true;
    }

    /// <summary>Finds those of which it was not known whether they were taken.</summary>
    public void Resolve()
    {
        Dictionary<string, Guid> stored = lab.Console.Store.ListScans()
            .ToDictionary(scan => scan.Request.Targets[0], scan => scan.ScanId);
        lock (_gate)
        {
            foreach (SoakScan scan in _scans.Where(scan => scan.ScanId is null))
            {
                scan.ScanId = stored.TryGetValue(scan.Request.Targets[0], out Guid id) ? id : null;
            }

            _scans.RemoveAll(scan => scan.ScanId is null);
        }
    }

    private void Fill()
    {
        foreach (SoakEngine engine in lab.Engines)
        {
            int open = Scans.Count(scan => scan.Engine == engine && scan is { IsOver: false, ScanId: not null });
            try
            {
                for (; open < AtOnce; open++)
                {
                    Queue(engine);
                }
            }
            catch (ScanEngineException)
            {
                Refusals++;
            }
        }
    }

    private void Look()
    {
        try
        {
            Dictionary<Guid, ScanRecord> open = lab.Console.Store.ListScans(unfinishedOnly: true)
                .ToDictionary(scan => scan.ScanId);
            foreach (SoakScan scan in Scans.Where(scan => scan is { IsOver: false, ScanId: not null }))
            {
                if (!open.ContainsKey(scan.ScanId!.Value))
                {
                    scan.Over();
                    recoveries.Progress(scan.Engine);
                }
            }

            foreach (SoakEngine engine in lab.Engines)
            {
                long batches = open.Values.Where(scan => scan.PairingId == engine.PairingId)
                    .Sum(scan => scan.LastBatch);
                recoveries.Look(engine, batches, engine.Registered.LastContact);
            }
        }
        catch (ScanEngineException)
        {
            Refusals++;
        }
    }
}
