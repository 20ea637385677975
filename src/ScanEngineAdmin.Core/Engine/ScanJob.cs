using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Scanning;
using ScanEngineAdmin.Scanning.Plan;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>One attempt of one scan while it runs: from the spooled cursor to the last batch.</summary>
internal sealed class ScanJob : IAsyncDisposable
{
    private readonly IEngineStore _store;
    private readonly SpoolRoom _room;
    private readonly EngineScanRecord _scan;
    private readonly ScannerSet _scanners;
    private readonly Action _spooled;
    private readonly BoundedLog _log;
    private readonly TimeProvider _time;

    [SuppressMessage("Usage", "CA2213", Justification = "No timer and no wait handle; it may be cancelled late.")]
    private readonly CancellationTokenSource _end = new();

    private readonly Func<TimeSpan>? _leaseLeft;
    private readonly ITimer? _deadline;
    private volatile bool _stoppedByUser;
    private volatile bool _overdue;
    private volatile bool _goesOn;

    public ScanJob(
        IEngineStore store,
        SpoolRoom room,
        EngineScanRecord scan,
        Func<TimeSpan>? leaseLeft,
        ScannerSet scanners,
        Action spooled,
        BoundedLog log,
        TimeProvider time)
    {
        _time = time;
        _store = store;
        _room = room;
        _scan = scan;
        _leaseLeft = leaseLeft;
        _scanners = scanners;
        _spooled = spooled;
        _log = log;
        if (scan.StopRequested)
        {
            Stop(scan.GoesOn);
        }

        TimeSpan? left = Left();
        if (left <= TimeSpan.Zero)
        {
            PassDeadline();
        }
        else if (left is { } rest)
        {
            _deadline = time.CreateTimer(_ => PassDeadline(), null, rest, Timeout.InfiniteTimeSpan);
        }

        Completion = Task.Run(RunAsync);
    }

    public int Attempt => _scan.Attempt;

    /// <summary>Under whose policy it runs.</summary>
    public ScannerSet Scanners => _scanners;

    /// <summary>Never faulted.</summary>
    public Task Completion { get; }

    /// <summary>
    /// Whether it broke off before its end through a fault of this host; the store still says Running.
    /// </summary>
    public bool Interrupted { get; private set; }

    /// <summary>Whether its last batch is spooled.</summary>
    public bool IsFinished { get; private set; }

    /// <param name="goesOn">Another attempt will go on from there.</param>
    public void Stop(bool goesOn)
    {
        _goesOn = goesOn;
        _stoppedByUser = true;
        Cancel();
    }

    /// <summary>Ends the run without a verdict: another process, or another attempt, goes on.</summary>
    public async ValueTask DisposeAsync()
    {
        Cancel();
        await Completion.ConfigureAwait(false);
        _deadline?.Dispose();
    }

    /// <summary>How long it may run, by its deadline or its lease, whichever ends first.</summary>
    private TimeSpan? Left()
    {
        TimeSpan? lease = _leaseLeft?.Invoke();
        if (_scan.Deadline is not { } deadline)
        {
            return lease;
        }

        // The clock may have been set back since: never longer than it was when the scan was taken on.
        TimeSpan left = deadline - _time.GetUtcNow();
        TimeSpan most = deadline - _scan.Accepted;
        left = left < most ? left : most;
        return lease < left ? lease : left;
    }

    /// <summary>
    /// Asked before every attempt: while this process or its host stood still no timer ran, and another engine may have
    /// the scan by now.
    /// </summary>
    private bool IsLeaseOver()
    {
        if (!_overdue && _leaseLeft?.Invoke() <= TimeSpan.Zero)
        {
            PassDeadline();
        }

        return _overdue;
    }

    /// <summary>The console's own clock decides; this is for an engine that it cannot reach.</summary>
    private void PassDeadline()
    {
        _overdue = !_stoppedByUser;
        Cancel();
    }

    /// <summary>
    /// On a thread of its own: what waits for this goes on to write the last batch, and the caller may hold a lock.
    /// </summary>
    private void Cancel() => _ = _end.CancelAsync();

    [SuppressMessage(
        "Design", "CA1031:Do not catch general exception types", Justification = "A scan must not vanish in silence.")]
    private async Task RunAsync()
    {
        using Activity? activity = NodeMetrics.Activities.StartActivity("scan");
        activity?.SetTag("scan", _scan.ScanId).SetTag("attempt", _scan.Attempt);
        try
        {
            ScanBatch last = await ScanAsync().ConfigureAwait(false);
            if (last.Final == ScanState.Stopped)
            {
                last = Judge(last);
            }

            if (last.Final is not null || last.Findings.Count > 0)
            {
                Spool(last);
            }

            IsFinished = last.Final is not null;
        }
        catch (OperationCanceledException)
        {
            // The engine stops, or another attempt begins, while it waited for room in the spool: what was not spooled
            // is scanned again.
        }
        catch (ScanEngineException exception) when (exception.Code == FaultCode.ScanNotFound)
        {
            // It was dropped, or replaced by a newer attempt, while it wrote.
        }
        catch (Exception exception)
        {
            // The store does not take it (locked, full, damaged): the scan stays as it was spooled last, and is tried
            // again from there.
            var fault = exception as ScanEngineException;
            Interrupted = true;
            _log.Write(new LogEntry(
                _time.GetUtcNow(),
                LogLevel.Error,
                Events.ScanInterrupted,
                $"Scan {_scan.ScanId} cannot go on now: {exception.Message} {fault?.Recommendation}",
                new Dictionary<string, string>
                {
                    ["scan"] = _scan.ScanId.ToString("D"),
                    ["pairing"] = _scan.PairingId.ToString("D"),
                    ["fault"] = (fault?.Code ?? FaultCode.InternalError).ToString(),
                }));
        }
        finally
        {
            _deadline?.Dispose();
        }
    }

    /// <summary>
    /// Of one that was cut short. If nobody stopped the scan, the engine stops: what was found is kept, and it goes on
    /// later.
    /// </summary>
    private ScanBatch Judge(ScanBatch last) => (_overdue, _stoppedByUser) switch
    {
        (true, _) => last with
        {
            Final = ScanState.Failed,
            Detail = $"{FaultCode.DeadlinePassed}: the engine stopped it.",
        },
        (_, true) => last,
        _ => last with { Final = null },
    };

    private async Task<ScanBatch> ScanAsync()
    {
        ScanPlan plan;
        try
        {
            plan = ScanPlan.Create(_scan.Request);
        }
        catch (ScanEngineException exception)
        {
            // A previous version took it on: by the limits of this one it is refused, and no later try would differ.
            return Empty(
                ScanState.Failed,
                $"{FaultCode.ScanRefused}: by the limits of this engine's version, {exception.Message} "
                    + exception.Recommendation);
        }

        try
        {
            return await _scanners.Of(plan.Request.Scanner).RunAsync(
                plan,
                _scan.Cursor,
                _scan.LastBatch,
                KeepAsync,
                () => _goesOn || _scan.Leased || (!_stoppedByUser && !_overdue),
                IsLeaseOver,
                _end.Token).ConfigureAwait(false);
        }
        catch (ScanEngineException exception) when (exception.Code is
            FaultCode.ScanRefused or FaultCode.ScanFailed or FaultCode.TargetInvalid)
        {
            return Empty(ScanState.Failed, $"{exception.Code}: {exception.Message}");
        }
        catch (OperationCanceledException) when (_stoppedByUser || _overdue)
        {
            // While it waited for room: the last word has room always.
            return Empty(ScanState.Stopped, string.Empty);
        }

        async ValueTask KeepAsync(ScanBatch batch)
        {
            await _room.WaitAsync(_scan, _end.Token).ConfigureAwait(false);
            Spool(batch);
        }
    }

    private void Spool(ScanBatch batch)
    {
        _store.AppendBatch(_scan.PairingId, _scan.ScanId, _scan.Attempt, batch);
        NodeMetrics.Findings(NodeRole.Engine, batch.Findings.Count);
        _spooled();
    }

    private ScanBatch Empty(ScanState final, string detail)
    {
        EngineScanRecord now = _store.GetScan(_scan.PairingId, _scan.ScanId) ?? _scan;
        return new ScanBatch
        {
            Number = now.LastBatch + 1,
            Findings = [],
            Cursor = now.Cursor,
            TargetsTotal = 0,
            TargetsDone = 0,
            Final = final,
            Detail = detail,
        };
    }
}
