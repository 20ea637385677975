using System.Diagnostics.CodeAnalysis;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Scans;
using ScanEngineAdmin.Core.Storage;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>One attempt of one scan while it runs: from the spooled cursor to the last batch.</summary>
internal sealed class EngineScanRun : IAsyncDisposable
{
    private readonly IEngineStore _store;
    private readonly SpoolRoom _room;
    private readonly EngineScanRecord _scan;
    private readonly ConnectScanner _scanner;
    private readonly Action _spooled;
    private readonly NodeLog _log;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _end = new();
    private volatile bool _stoppedByUser;
    private bool _ended;

    public EngineScanRun(
        IEngineStore store,
        SpoolRoom room,
        EngineScanRecord scan,
        ConnectScanner scanner,
        Action spooled,
        NodeLog log,
        TimeProvider time)
    {
        _time = time;
        _store = store;
        _room = room;
        _scan = scan;
        _scanner = scanner;
        _spooled = spooled;
        _log = log;
        if (scan.StopRequested)
        {
            Stop();
        }

        Completion = Task.Run(RunAsync);
    }

    /// <summary>Never faulted.</summary>
    public Task Completion { get; }

    /// <summary>
    /// Whether it broke off before its end through a fault of this host; the store still says Running.
    /// </summary>
    public bool Interrupted { get; private set; }

    public void Stop()
    {
        _stoppedByUser = true;
        lock (_end)
        {
            if (!_ended)
            {
                _end.Cancel();
            }
        }
    }

    /// <summary>Ends the run without a verdict: another process, or another attempt, goes on.</summary>
    public async ValueTask DisposeAsync()
    {
        bool first;
        lock (_end)
        {
            first = !_ended;
            _ended = true;
            if (first)
            {
                _end.Cancel();
            }
        }

        await Completion.ConfigureAwait(false);
        if (first)
        {
            _end.Dispose();
        }
    }

    [SuppressMessage(
        "Design", "CA1031:Do not catch general exception types", Justification = "A scan must not vanish in silence.")]
    private async Task RunAsync()
    {
        try
        {
            ScanBatch last = await ScanAsync().ConfigureAwait(false);
            if (last.Final == ScanState.Stopped && !_stoppedByUser)
            {
                // The engine stops, nobody stopped the scan: what was found is kept, and the scan goes on later.
                last = last with { Final = null };
            }

            if (last.Final is not null || last.Findings.Count > 0)
            {
                _store.AppendBatch(_scan.PairingId, _scan.ScanId, _scan.Attempt, last);
                _spooled();
            }
        }
        catch (OperationCanceledException)
        {
            // Ended while it waited for room in the spool: what was not spooled is scanned again.
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
            _log(new LogEntry(
                _time.GetUtcNow(),
                LogLevel.Error,
                "ScanInterrupted",
                $"Scan {_scan.ScanId} cannot go on now: {exception.Message} {fault?.Recommendation}",
                new Dictionary<string, string>
                {
                    ["scan"] = _scan.ScanId.ToString("D"),
                    ["fault"] = (fault?.Code ?? FaultCode.InternalError).ToString(),
                }));
        }
    }

    private async Task<ScanBatch> ScanAsync()
    {
        long number = _scan.LastBatch;
        try
        {
            return await _scanner.RunAsync(
                ScanPlan.Create(_scan.Request),
                _scan.Cursor,
                _scan.LastBatch,
                KeepAsync,
                () => !_stoppedByUser,
                _end.Token).ConfigureAwait(false);
        }
        catch (ScanEngineException exception) when (exception.Code is
            FaultCode.ScanRefused or FaultCode.ScanFailed or FaultCode.TargetInvalid)
        {
            EngineScanRecord now = _store.GetScan(_scan.PairingId, _scan.ScanId) ?? _scan;
            return new ScanBatch
            {
                Number = number + 1,
                Findings = [],
                Cursor = now.Cursor,
                TargetsTotal = 0,
                TargetsDone = 0,
                Final = ScanState.Failed,
                Detail = $"{exception.Code}: {exception.Message}",
            };
        }

        async ValueTask KeepAsync(ScanBatch batch)
        {
            await _room.WaitAsync(_scan.PairingId, _end.Token).ConfigureAwait(false);
            _store.AppendBatch(_scan.PairingId, _scan.ScanId, _scan.Attempt, batch);
            number = batch.Number;
            _spooled();
        }
    }
}
