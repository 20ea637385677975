using System.Globalization;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Schedules;

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

    // One of so many rests once, one of so many is shared by all engines, one of so many is begun by a schedule.
    private const uint RestEvery = 5;
    private const uint ShareEvery = 4;
    private const uint ScheduleEvery = 6;

    // What the store may take for a schedule: the time that is due must be still to come then.
    private static readonly TimeSpan Lead = TimeSpan.FromSeconds(10);

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

    /// <param name="engine">Who scans, unless all do.</param>
    /// <param name="mayWait">Whether it may be one that the console begins by a schedule, within two minutes.</param>
    public SoakScan Queue(SoakEngine engine, bool mayWait = false)
    {
        SoakScan scan;
        lock (_gate)
        {
            uint number = (uint)_scans.Count;
            bool shared = lab.Pool is not null && number % ShareEvery == ShareEvery - 1;
            (ScanRequest request, ScanVisits visits) =
                lab.Target.Scan(number, PerSecond[number % PerSecond.Length], shared);
            scan = new SoakScan(
                number, engine, request, visits, shared ? [.. lab.Engines.Select(one => one.Host)] : [engine.Host])
            {
                IsToRest = number % RestEvery == RestEvery - 1,
                IsShared = shared,
                Schedule = mayWait && number % ScheduleEvery == ScheduleEvery - 3 ? $"soak-{number}" : null,
            };
            _scans.Add(scan);
        }

        if (scan.Schedule is { } name)
        {
            AddSchedule(name, scan);
            return scan;
        }

        scan.ScanId = (scan.IsShared
            ? lab.Console.Scans.AddToPool(lab.Pool!, scan.Request)
            : lab.Console.Scans.Add(engine.PairingId, scan.Request)).ScanId;
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
            .GroupBy(scan => scan.Request.Targets[0])
            .ToDictionary(same => same.Key, same => same.First().ScanId);
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
                    Queue(engine, mayWait: true);
                }
            }
            catch (ScanEngineException)
            {
                Refusals++;
            }
        }
    }

    /// <summary>It is due once a day, so that it begins once while the soak lasts, also when no console runs at that time.
    /// </summary>
    private void AddSchedule(string name, SoakScan scan)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        DateTimeOffset due = now + Lead + TimeSpan.FromMinutes(1);
        lab.Console.Schedules.Add(new ScheduleRecord
        {
            Name = name,
            PairingId = scan.IsShared ? lab.Pool!.PoolId : scan.Engine.PairingId,
            IsPool = scan.IsShared,
            Cron = [string.Create(CultureInfo.InvariantCulture, $"{due.Minute} {due.Hour} * * *")],
            TimeZone = "UTC",
            Missed = MissedRunRule.Once,
            Request = scan.Request,
            Created = now,
        });
    }

    /// <summary>Those that the console has begun by a schedule since.</summary>
    private void FindRuns()
    {
        foreach (SoakScan scan in Scans.Where(scan => scan is { Schedule: not null, ScanId: null }))
        {
            scan.ScanId = lab.Console.Store.FindSchedule(scan.Schedule!)?.LastScanId;
        }
    }

    /// <summary>Suspends it when it has found something, and resumes it when it rests.</summary>
    private void Rest(SoakScan scan, ScanRecord now)
    {
        try
        {
            if (now.State == ScanState.Suspended)
            {
                lab.Console.Scans.Resume(now.ScanId);
            }
            else if (scan is { Rests: 0, StopAsked: false } && now is { State: ScanState.Running, FindingCount: > 0 })
            {
                lab.Console.Scans.Suspend(now.ScanId);
                scan.Rests++;
            }
        }
        catch (ScanEngineException exception) when (exception.Code is
            FaultCode.ScanNotSuspendable or FaultCode.ScanNotResumable)
        {
            // It has ended, or was stopped, since it was read.
        }
    }

    private void Look()
    {
        try
        {
            FindRuns();
            Dictionary<Guid, ScanRecord> open = lab.Console.Store.ListScans(unfinishedOnly: true)
                .ToDictionary(scan => scan.ScanId);
            foreach (SoakScan scan in Scans.Where(scan => scan is { IsOver: false, ScanId: not null }))
            {
                if (!open.TryGetValue(scan.ScanId!.Value, out ScanRecord? now))
                {
                    scan.Over();
                    if (!scan.IsShared)
                    {
                        recoveries.Progress(scan.Engine);
                    }
                }
                else if (scan.IsToRest)
                {
                    Rest(scan, now);
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
