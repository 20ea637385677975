using System.Diagnostics.CodeAnalysis;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Scans;
using ScanEngineAdmin.Core.Storage;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>
/// The scans this engine runs, whatever channels come and go: taken on durably, run once, spooled. A restarted engine
/// goes on from the last spooled batch; the process that ran it before is dead, because this one holds the folder.
/// </summary>
internal sealed class EngineScans(IEngineStore store, EngineNodeOptions options, NodeLog log) : IAsyncDisposable
{
    /// <summary>
    /// Scans in one synchronisation: far above what an engine may hold, so that reading one stays cheap.
    /// </summary>
    private const int MaxSynced = 1024;

    /// <summary>As far as a timer reaches.</summary>
    private const long MaxTimeLeftMs = 49L * 24 * 60 * 60 * 1000;

    private readonly object _gate = new();

    [SuppressMessage("Usage", "CA2213", Justification = "No wait handle, and a late release must not fail.")]
    private readonly SemaphoreSlim _accepting = new(1, 1);

    private readonly Dictionary<(Guid PairingId, Guid ScanId), EngineScanRun> _runs = [];
    private readonly SpoolRoom _room = new(store, options, log);
    private (string Policy, ConnectScanner Scanner)? _scanner;
    private readonly CancellationTokenSource _stop = new();
    private bool _stopping;

    /// <summary>Called when a batch was spooled for a pairing.</summary>
    public Action<Guid>? Spooled { get; set; }

    public int Count(Guid pairingId)
    {
        lock (_gate)
        {
            return _runs.Keys.Count(key => key.PairingId == pairingId);
        }
    }

    /// <summary>Those that wait for room in the spool.</summary>
    public IReadOnlyList<(Guid ScanId, int Attempt)> Held(Guid pairingId) => _room.Held(pairingId);

    /// <summary>Goes on with what the last process left.</summary>
    public void Resume(Guid? pairingId = null)
    {
        HashSet<Guid> denied = store.ListConsoles().Where(console => console.State == ConsoleState.Denied)
            .Select(console => console.PairingId).ToHashSet();
        foreach (EngineScanRecord scan in store.ListScans(pairingId))
        {
            if (scan.State == ScanState.Running && !denied.Contains(scan.PairingId))
            {
                Run(scan);
            }
        }
    }

    /// <summary>Takes a scan on and starts it; the same scan and attempt again changes nothing.</summary>
    /// <exception cref="PeerRequestException">ScanRefused, Stale.</exception>
    public async Task StartAsync(Guid pairingId, ScanStart start)
    {
        // One at a time, so that the count below counts; what is before it has cost the console more than this node.
        await _accepting.WaitAsync(_stop.Token).ConfigureAwait(false);
        try
        {
            await AcceptAsync(pairingId, start).ConfigureAwait(false);
        }
        finally
        {
            _accepting.Release();
        }
    }

    private async Task AcceptAsync(Guid pairingId, ScanStart start)
    {
        ScanRequest request = start.ToRequest();
        long units;
        try
        {
            var plan = ScanPlan.Create(request);
            new TargetPolicyGuard(EnginePolicy.Read(store)).Check(plan.Targets);
            units = plan.Units;
        }
        catch (ScanEngineException exception)
        {
            throw new PeerRequestException((int)RequestCode.ScanRefused, $"{exception.Message} {exception.Recommendation}");
        }

        if (start.FromUnit < 0 || start.FromUnit > units || start.TimeLeftMs is < 0 or > MaxTimeLeftMs)
        {
            throw new PeerRequestException(
                (int)RequestCode.Malformed, $"The scan has {units} units, and a deadline is at most 49 days off.");
        }

        if (store.GetScan(pairingId, start.ScanId) is { } older && older.Attempt < start.Attempt)
        {
            // Never two attempts of one scan at once: the older one has ended before the newer one begins.
            await EndAsync(pairingId, start.ScanId).ConfigureAwait(false);
        }

        if (store.GetScan(pairingId, start.ScanId) is null && store.ListScans(pairingId).Count >= options.MaxScansPerConsole)
        {
            throw new PeerRequestException(
                (int)RequestCode.ScanRefused,
                $"The engine holds {options.MaxScansPerConsole} scans of this console already, running or not yet delivered.");
        }

        DateTimeOffset now = options.Channel.Time.GetUtcNow();
        EngineScanRecord scan = store.AcceptScan(new EngineScanRecord
        {
            PairingId = pairingId,
            ScanId = start.ScanId,
            Attempt = start.Attempt,
            Request = request,
            State = ScanState.Running,
            Cursor = start.FromUnit ?? 0,
            Accepted = now,
            Deadline = start.TimeLeftMs is { } left ? now + TimeSpan.FromMilliseconds(left) : null,
        });
        if (scan.Attempt != start.Attempt)
        {
            throw new PeerRequestException((int)RequestCode.Stale, $"The scan is at attempt {scan.Attempt} here.");
        }

        if (scan.State == ScanState.Running)
        {
            Run(scan);
        }
    }

    /// <summary>Stops a scan; its last batch says Stopped and holds what was found until then.</summary>
    public void Stop(Guid pairingId, ScanStop stop)
    {
        EngineScanRecord? scan = store.UpdateScan(pairingId, stop.ScanId, current => current.Attempt == stop.Attempt
            ? current with { StopRequested = true }
            : current);
        if (scan?.Attempt == stop.Attempt)
        {
            lock (_gate)
            {
                _runs.GetValueOrDefault((pairingId, stop.ScanId))?.Stop();
            }
        }
    }

    /// <summary>
    /// What the console holds to be here: drops what it does not list, notes what it has stored, and says what is
    /// missing.
    /// </summary>
    public async Task<IReadOnlyList<Guid>> SyncAsync(Guid pairingId, ScanSync sync)
    {
        if (sync.Scans.Count > MaxSynced || sync.Scans.Any(item => item is null)
            || sync.Scans.DistinctBy(item => item.ScanId).Count() < sync.Scans.Count)
        {
            throw new PeerRequestException(
                (int)RequestCode.Malformed, $"A synchronisation lists at most {MaxSynced} scans, each once.");
        }

        Dictionary<Guid, ScanSyncItem> listed = sync.Scans.ToDictionary(item => item.ScanId);
        foreach (EngineScanRecord scan in store.ListScans(pairingId))
        {
            // One of which the console has more than was ever spooled here: this store came back from a backup, and the
            // numbers of batches to come would stand for others that the console has. A later attempt than the console
            // knows: its store did, and the attempt it begins next must not be taken for this one, which may have begun
            // behind findings that are lost there.
            if (!listed.TryGetValue(scan.ScanId, out ScanSyncItem? item) || item.Attempt != scan.Attempt
                || (item.Attempt == scan.Attempt && item.LastBatch > scan.LastBatch))
            {
                log(new LogEntry(
                    options.Channel.Time.GetUtcNow(),
                    LogLevel.Information,
                    "ScanNotWanted",
                    $"The console does not want scan {scan.ScanId}, attempt {scan.Attempt} ({scan.State}): dropped.",
                    new Dictionary<string, string> { ["scan"] = scan.ScanId.ToString("D") }));
                await DropAsync(pairingId, scan.ScanId, scan.Attempt).ConfigureAwait(false);
            }
            else if (item.Attempt == scan.Attempt && item.LastBatch > scan.AcknowledgedBatch)
            {
                store.AcknowledgeBatches(pairingId, scan.ScanId, scan.Attempt, item.LastBatch);
            }
        }

        // One that was interrupted by a fault of the store goes on now at the latest.
        Resume(pairingId);
        return sync.Scans
            .Where(item => store.GetScan(pairingId, item.ScanId)?.Attempt != item.Attempt)
            .Select(item => item.ScanId)
            .ToList();
    }

    /// <summary>Ends an attempt and forgets it with its spool.</summary>
    public async Task DropAsync(Guid pairingId, Guid scanId, int attempt)
    {
        // The console may begin the next attempt while this one goes: that one must stay.
        await _accepting.WaitAsync(_stop.Token).ConfigureAwait(false);
        try
        {
            if (store.GetScan(pairingId, scanId) is { } scan && scan.Attempt <= attempt)
            {
                await EndAsync(pairingId, scanId).ConfigureAwait(false);
                store.RemoveScan(pairingId, scanId, attempt);
                SpoolTrimmed();
            }
        }
        finally
        {
            _accepting.Release();
        }
    }

    /// <summary>
    /// Ends what runs for that console without a verdict; it stays in the store as long as the pairing does.
    /// </summary>
    public Task EndAllAsync(Guid pairingId)
    {
        EngineScanRun[] runs;
        lock (_gate)
        {
            runs = _runs.Where(run => run.Key.PairingId == pairingId).Select(run => run.Value).ToArray();
        }

        return Task.WhenAll(runs.Select(run => run.DisposeAsync().AsTask()));
    }

    public void SpoolTrimmed() => _room.Trimmed();

    /// <summary>Ends all runs; what was found is spooled, and the next process goes on from there.</summary>
    public async ValueTask DisposeAsync()
    {
        EngineScanRun[] runs;
        lock (_gate)
        {
            _stopping = true;
            runs = [.. _runs.Values];
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(runs.Select(run => run.DisposeAsync().AsTask())).ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task EndAsync(Guid pairingId, Guid scanId)
    {
        EngineScanRun? run;
        lock (_gate)
        {
            run = _runs.GetValueOrDefault((pairingId, scanId));
        }

        if (run is not null)
        {
            await run.DisposeAsync().ConfigureAwait(false);
            Forget((pairingId, scanId), run);
        }
    }

    private void Run(EngineScanRecord scan)
    {
        lock (_gate)
        {
            (Guid PairingId, Guid ScanId) key = (scan.PairingId, scan.ScanId);
            if (_stopping || _runs.ContainsKey(key))
            {
                return;
            }

            var run = new EngineScanRun(
                store, _room, scan, Scanner(), () => Spooled?.Invoke(scan.PairingId), log, options.Channel.Time);
            _runs[key] = run;
            _ = ForgetAsync(key, run);
            if (store.GetScan(scan.PairingId, scan.ScanId) is { StopRequested: true })
            {
                // It was asked for between reading the record and this run, when there was nothing to stop.
                run.Stop();
            }
        }
    }

    private async Task ForgetAsync((Guid PairingId, Guid ScanId) key, EngineScanRun run)
    {
        await run.Completion.ConfigureAwait(false);
        Forget(key, run);
        if (run.Interrupted)
        {
            await RetryAsync(key).ConfigureAwait(false);
        }
    }

    /// <summary>The store did not take what was found; it may, later on. Until it does, the scan waits.</summary>
    private async Task RetryAsync((Guid PairingId, Guid ScanId) key)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(options.MaxRetry, options.Channel.Time, _stop.Token).ConfigureAwait(false);
                if (store.GetScan(key.PairingId, key.ScanId) is { State: ScanState.Running } scan)
                {
                    Run(scan);
                }

                return;
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (ScanEngineException)
            {
                // Not yet; why was logged when it began.
            }
        }
    }

    /// <summary>Only this run: a newer attempt may stand in its place already.</summary>
    private void Forget((Guid PairingId, Guid ScanId) key, EngineScanRun run)
    {
        lock (_gate)
        {
            if (_runs.TryGetValue(key, out EngineScanRun? known) && known == run)
            {
                _runs.Remove(key);
            }
        }
    }

    /// <summary>
    /// One scanner for all scans, so that the policy's rate is the engine's; a new one when the policy changed.
    /// </summary>
    private ConnectScanner Scanner()
    {
        TargetPolicy policy = EnginePolicy.Read(store);
        string text = EnginePolicy.Write(policy);
        if (_scanner?.Policy != text)
        {
            _scanner = (text, new ConnectScanner(policy, options.Channel.Time));
        }

        return _scanner!.Value.Scanner;
    }
}
