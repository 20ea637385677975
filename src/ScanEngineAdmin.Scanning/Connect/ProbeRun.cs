using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Batches;
using ScanEngineAdmin.Scanning.Plan;

namespace ScanEngineAdmin.Scanning.Connect;

/// <summary>
/// One scan under way: hands out units to its probes, gathers findings, knows the cursor. A unit is marked done when
/// its finding is gathered, under the same lock that a batch is taken under, so a batch's cursor never covers what it
/// lacks.
/// </summary>
internal sealed class ProbeRun : IDisposable
{
    private static readonly TimeSpan BatchInterval = TimeSpan.FromMilliseconds(250);

    private readonly object _gate = new();
    private readonly ScanPlan _plan;
    private readonly ProbeUnits _units;
    private readonly ScanAddresses _addresses;
    private readonly TimeProvider _time;
    private readonly List<Probe> _probes = [];
    private readonly Stack<Probe> _idle = new();
    private readonly LocalShortage _shortage;
    private readonly Func<bool> _goesOn;
    private readonly Func<bool> _isOver;
    private readonly SemaphoreSlim _signal = new(0, 1);
    private readonly ITimer _sweep;
    private List<Finding> _gathered = [];
    private int _underWay;
    private long _lastBatch;
    private long _cursorTaken;
    private readonly ProcessClock _clock;
    private int _sweeping;
    private volatile bool _stopping;
    private bool _disposed;

    public ProbeRun(
        ScanPlan plan,
        long cursor,
        ScanAddresses addresses,
        int parallelism,
        RateBucket[] rates,
        Func<bool> goesOn,
        Func<bool> isOver,
        TimeProvider time,
        SocketConnect connect)
    {
        _goesOn = goesOn;
        _isOver = isOver;
        _plan = plan;
        _units = new ProbeUnits(plan, cursor, addresses, rates);
        _addresses = addresses;
        _time = time;
        _cursorTaken = cursor;
        _shortage = new LocalShortage(parallelism, time);
        ConnectLimit = Ticks(plan.Request.Timeout);
        BannerLimit = Ticks(plan.Request.BannerTimeout);
        _lastBatch = time.GetTimestamp();
        for (long i = Math.Min(parallelism, plan.Units - cursor); i > 0; i--)
        {
            var probe = new Probe(this, connect);
            _probes.Add(probe);
            _idle.Push(probe);
        }

        TimeSpan tick = plan.Request.Timeout / 10;
        tick = TimeSpan.FromMilliseconds(Math.Clamp(tick.TotalMilliseconds, 5, 100));
        _clock = new ProcessClock(time, tick);
        _sweep = time.CreateTimer(static state => ((ProbeRun)state!).Sweep(), this, tick, tick);
    }

    public long ConnectLimit { get; }

    public long BannerLimit { get; }

    public bool Stopping => _stopping;

    public long Now => _time.GetTimestamp();

    /// <summary>What the probes' limits are measured by: a target is not late because this host was.</summary>
    public long ProcessTime => _clock.Now;

    /// <summary>Why the scan cannot go on, if it cannot.</summary>
    public ScanEngineException? Fault { get; private set; }

    public bool IsOver
    {
        get
        {
            lock (_gate)
            {
                return _underWay == 0 && (_stopping || _units.IsExhausted);
            }
        }
    }

    /// <summary>Also true for a stop that came when all was done.</summary>
    public bool IsComplete
    {
        get
        {
            lock (_gate)
            {
                return _units.Cursor == _plan.Units;
            }
        }
    }

    /// <summary>Whether a batch should go out now.</summary>
    public bool IsBatchDue
    {
        get
        {
            lock (_gate)
            {
                return _gathered.Count >= ScanLimits.FindingsPerBatch
                    || ((_gathered.Count > 0 || _units.Cursor > _cursorTaken) && Since(_lastBatch) >= BatchInterval);
            }
        }
    }

    /// <summary>
    /// At most as long as a scan may wait for an answer: a host that stood still while it waited measures more, which the
    /// console would take for a lie.
    /// </summary>
    public TimeSpan RoundTrip(long started)
    {
        TimeSpan passed = Since(started);
        return passed < ScanLimits.MaxTimeout ? passed : ScanLimits.MaxTimeout;
    }

    private TimeSpan Since(long started) => _time.GetElapsedTime(started);

    /// <summary>False when no signal came within the limit.</summary>
    public Task<bool> WaitAsync(TimeSpan limit) => _signal.WaitAsync(limit);

    /// <summary>Wakes the probes that have nothing to do; those that still may not go on lie down again.</summary>
    public void Kick()
    {
        lock (_gate)
        {
            for (int i = _disposed ? 0 : Math.Min(_idle.Count, _shortage.Limit - _underWay); i > 0; i--)
            {
                ThreadPool.UnsafeQueueUserWorkItem(_idle.Pop(), preferLocal: false);
            }
        }
    }

    /// <summary>Closes what is under way; once more for a probe that was just about to start.</summary>
    public void Stop()
    {
        _stopping = true;
        foreach (Probe probe in _probes)
        {
            probe.CloseIfDue(long.MaxValue);
        }
    }

    public bool TryTake(Probe probe)
    {
        lock (_gate)
        {
            while (!_stopping && _units.TrySkip())
            {
            }

            if (MayStart() && !IsTimeOver() && _units.TakeNext() is { } unit)
            {
                (long target, long port) = Math.DivRem(unit, _plan.Ports.Count);
                probe.Assign(unit, _addresses[target]!, _plan.Ports[(int)port]);
                _underWay++;
                return true;
            }

            _idle.Push(probe);
            SignalIfOver();
            return false;
        }
    }

    /// <param name="unit">What was asked.</param>
    /// <param name="state">What it answered.</param>
    /// <param name="roundTrip">How soon.</param>
    /// <param name="banner">What it said.</param>
    /// <param name="cutOff">Whether a stop came before it could say more.</param>
    public void Complete(long unit, PortState state, TimeSpan? roundTrip, string? banner, bool cutOff)
    {
        (long target, long port) = Math.DivRem(unit, _plan.Ports.Count);
        var finding = new Finding(unit, _plan.Targets[target], _plan.Ports[(int)port], state, roundTrip, banner)
        {
            Resolved = _addresses.Resolved(target),
            Found = _time.GetUtcNow(),
        };
        lock (_gate)
        {
            _underWay--;
            _shortage.Progress();
            // What was cut off by a stop has not been asked in earnest; an open port is told all the same, unless the
            // next run asks it again and hears it out.
            bool asked = !_stopping || (state != PortState.Filtered && !(cutOff && _goesOn()));
            if (asked)
            {
                _gathered.Add(finding);
                _units.Complete(unit);
            }

            if (_gathered.Count == ScanLimits.FindingsPerBatch)
            {
                Signal();
            }
        }
    }

    /// <summary>The unit waits for others to finish; so does the probe, until the next tick.</summary>
    public void Postpone(Probe probe, SocketError error, IPAddress address)
    {
        lock (_gate)
        {
            _underWay--;
            _units.Postpone(probe.Unit);
            _shortage.Meet(error, address);
            _idle.Push(probe);
            SignalIfOver();
        }
    }

    /// <summary>A probe met what it cannot explain: the scan ends and says so.</summary>
    public void Fail(Exception fault)
    {
        lock (_gate)
        {
            _underWay = Math.Max(0, _underWay - 1);
            Fault ??= new ScanEngineException(
                FaultCode.InternalError,
                $"The scanner failed: {fault.GetType().Name}: {fault.Message}",
                "Start the scan again; if it fails again, report it with the engine's log.",
                innerException: fault);
            _stopping = true;
            Signal();
        }
    }

    /// <summary>
    /// All findings gathered since the last time, in one batch or more, and the cursor as of them. They are gathered in
    /// any order, so none but the last batch may move the cursor.
    /// </summary>
    public IReadOnlyList<ScanBatch> Take(long firstNumber)
    {
        lock (_gate)
        {
            List<Finding> findings = _gathered;
            long before = _cursorTaken;
            _gathered = new List<Finding>(ScanLimits.FindingsPerBatch);
            _cursorTaken = _units.Cursor;
            _lastBatch = Now;
            var whole = new ScanBatch
            {
                Number = firstNumber,
                Findings = findings,
                Cursor = _units.Cursor,
                TargetsTotal = _plan.Targets.Count,
                TargetsDone = _units.Cursor / _plan.Ports.Count,
            };
            return BatchPieces.Of(whole, _plan.Ports.Count, _ => before);
        }
    }

    public void Dispose()
    {
        _sweep.Dispose();
        lock (_gate)
        {
            // A probe that was woken for nothing, or a last sweep, may still come by.
            _disposed = true;
            _signal.Dispose();
        }

        foreach (Probe probe in _probes)
        {
            probe.Dispose();
        }
    }

    private void Sweep()
    {
        if (Interlocked.Exchange(ref _sweeping, 1) == 1)
        {
            return;
        }

        _clock.Tick();
        long now = _stopping ? long.MaxValue : ProcessTime;
        foreach (Probe probe in _probes)
        {
            probe.CloseIfDue(now);
        }

        lock (_gate)
        {
            Fault ??= _shortage.Tick();
            _stopping |= Fault is not null;
            SignalIfOver();
        }

        if (_stopping || IsBatchDue)
        {
            Signal();
        }

        Kick();
        Volatile.Write(ref _sweeping, 0);
    }

    /// <summary>
    /// Room for what is under way is kept in the batch: when the consumer is slow the scan waits and holds no more.
    /// </summary>
    private bool MayStart() => !_stopping && _underWay < _shortage.Limit
        && _gathered.Count + _underWay < ScanLimits.MaxFindingsPerBatch;

    private bool IsTimeOver()
    {
        _stopping |= _isOver();
        return _stopping;
    }

    private void SignalIfOver()
    {
        if (_underWay == 0 && (_stopping || _units.IsExhausted))
        {
            Signal();
        }
    }

    public void Signal()
    {
        lock (_gate)
        {
            if (!_disposed && _signal.CurrentCount == 0)
            {
                _signal.Release();
            }
        }
    }

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * _time.TimestampFrequency);
}
