using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Plan;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Scanning.Connect;

/// <summary>
/// One scan under way: hands out units to its probes, gathers findings, knows the cursor. A unit is marked done when
/// its finding is gathered, under the same lock that a batch is taken under, so a batch's cursor never covers what it
/// lacks.
/// </summary>
internal sealed class ProbeRun : IDisposable
{
    /// <summary>Findings that make a batch worth sending before its time.</summary>
    private const int BatchSize = 512;

    /// <summary>Ticks that the system's timers may be late by.</summary>
    private const int GapTicks = 3;

    private static readonly TimeSpan BatchInterval = TimeSpan.FromMilliseconds(250);

    private readonly object _gate = new();
    private readonly ScanPlan _plan;
    private readonly IPAddress?[] _named;
    private readonly SkippedTargets _skipped;
    private readonly RateBucket[] _rates;
    private readonly TimeProvider _time;
    private readonly List<Probe> _probes = [];
    private readonly Stack<Probe> _idle = new();
    private readonly Queue<long> _postponed = new();
    private readonly CompletedPrefix _done;
    private readonly LocalShortage _shortage;
    private readonly Func<bool> _goesOn;
    private readonly SemaphoreSlim _signal = new(0, 1);
    private readonly ITimer _sweep;
    private List<Finding> _gathered = [];
    private long _next;
    private int _underWay;
    private long _lastBatch;
    private long _cursorTaken;
    private readonly long _longestGap;
    private long _swept;
    private long _asleep;
    private int _sweeping;
    private volatile bool _stopping;
    private bool _disposed;

    public ProbeRun(
        ScanPlan plan,
        long cursor,
        IPAddress?[] named,
        SkippedTargets skipped,
        int parallelism,
        RateBucket[] rates,
        Func<bool> goesOn,
        TimeProvider time,
        SocketConnect connect)
    {
        _goesOn = goesOn;
        _plan = plan;
        _named = named;
        _skipped = skipped;
        _rates = rates;
        _time = time;
        _next = _cursorTaken = cursor;
        _done = new CompletedPrefix(cursor);
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
        _longestGap = Ticks(GapTicks * tick);
        _swept = Now;
        _sweep = time.CreateTimer(static state => ((ProbeRun)state!).Sweep(), this, tick, tick);
    }

    public long ConnectLimit { get; }

    public long BannerLimit { get; }

    public bool Stopping => _stopping;

    public long Now => _time.GetTimestamp();

    /// <summary>
    /// What the probes' limits are measured by: <see cref="Now"/> without the time in which this process did not run
    /// (a frozen virtual machine, a host without a free processor). A target is not late because this host was.
    /// </summary>
    public long AwakeTime => Now - Volatile.Read(ref _asleep);

    /// <summary>Why the scan cannot go on, if it cannot.</summary>
    public ScanEngineException? Fault { get; private set; }

    public bool IsOver
    {
        get
        {
            lock (_gate)
            {
                return _underWay == 0 && (_stopping || IsExhausted);
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
                return _done.Value == _plan.Units;
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
                return _gathered.Count >= BatchSize
                    || ((_gathered.Count > 0 || _done.Value > _cursorTaken) && Since(_lastBatch) >= BatchInterval);
            }
        }
    }

    private bool IsExhausted => _next == _plan.Units && _postponed.Count == 0;

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
            SkipTargets();
            if (MayStart() && NextUnit() is { } unit)
            {
                (long target, long port) = Math.DivRem(unit, _plan.Ports.Count);
                probe.Assign(unit, AddressOf(target)!, _plan.Ports[(int)port]);
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
        long name = target - _plan.Targets.AddressCount;
        var finding = new Finding(unit, _plan.Targets[target], _plan.Ports[(int)port], state, roundTrip, banner)
        {
            Resolved = name >= 0 ? _named[name]?.ToString() : null,
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
                _done.Mark(unit);
            }

            if (_gathered.Count == BatchSize)
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
            _postponed.Enqueue(probe.Unit);
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

    /// <summary>All findings gathered since the last time, and the cursor as of them.</summary>
    public ScanBatch Take(long number)
    {
        lock (_gate)
        {
            List<Finding> findings = _gathered;
            _gathered = new List<Finding>(BatchSize);
            _cursorTaken = _done.Value;
            _lastBatch = Now;
            return new ScanBatch
            {
                Number = number,
                Findings = findings,
                Cursor = _done.Value,
                TargetsTotal = _plan.Targets.Count,
                TargetsDone = _done.Value / _plan.Ports.Count,
            };
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

        CountSleep();
        long now = _stopping ? long.MaxValue : AwakeTime;
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

    /// <summary>Sweeps come tick by tick while this process runs: a longer gap between two was sleep.</summary>
    private void CountSleep()
    {
        long now = Now;
        Volatile.Write(ref _asleep, _asleep + Math.Max(0, now - _swept - _longestGap));
        _swept = now;
    }

    /// <summary>
    /// Room for what is under way is kept in the batch: when the consumer is slow the scan waits and holds no more.
    /// </summary>
    private bool MayStart() => !_stopping && _underWay < _shortage.Limit
        && _gathered.Count + _underWay < ScanLimits.MaxFindingsPerBatch;

    private long? NextUnit()
    {
        bool again = _postponed.Count > 0;
        if ((!again && (_next == _plan.Units || !_done.HasRoomFor(_next))) || !RateBucket.TryTakeAll(_rates))
        {
            return null;
        }

        return again ? _postponed.Dequeue() : _next++;
    }

    /// <summary>
    /// The units of a name without an address, and of an address that is passed over, are done without a finding.
    /// </summary>
    private void SkipTargets()
    {
        bool mayBe = _skipped.Any || _next / _plan.Ports.Count >= _plan.Targets.AddressCount;
        while (mayBe && !_stopping && _next < _plan.Units && _done.HasRoomFor(_next)
            && AddressOf(_next / _plan.Ports.Count) is null)
        {
            _done.Mark(_next++);
        }
    }

    private IPAddress? AddressOf(long target)
    {
        long name = target - _plan.Targets.AddressCount;
        IPAddress? address = name >= 0 ? _named[name] : _plan.Targets.AddressAt(target);
        return name < 0 && _skipped.Contains(address!) ? null : address;
    }

    private void SignalIfOver()
    {
        if (_underWay == 0 && (_stopping || IsExhausted))
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
