using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Scanning;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>
/// The attempts that run in this process, one of a scan at most. One that this host's store has interrupted is begun
/// again when the store can be written; one of a console that was denied is not begun.
/// </summary>
internal sealed class ScanJobs : IAsyncDisposable
{
    private readonly object _gate = new();
    private readonly IEngineStore _store;
    private readonly EngineNodeOptions _options;
    private readonly BoundedLog _log;
    private readonly SpoolRoom _room;
    private readonly Dictionary<(Guid PairingId, Guid ScanId), ScanJob> _runs = [];
    private readonly CancellationTokenSource _stop = new();

    // Asked for by what ends after this has.
    private readonly CancellationToken _stopped;
    private (string Policy, ScannerSet Set)? _scanners;
    private bool _applying;
    private bool _stopping;

    public ScanJobs(IEngineStore store, EngineNodeOptions options, BoundedLog log)
    {
        _store = store;
        _options = options;
        _log = log;
        _room = new SpoolRoom(store, options, log);
        Leases = new ScanLeases(options.Channel.Time);
        _stopped = _stop.Token;
    }

    /// <summary>Until when those may run that are lent.</summary>
    public ScanLeases Leases { get; }

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

    public void SpoolTrimmed() => _room.Trimmed();

    /// <summary>Begins the scan as it is stored, unless it runs here already, is over, or is not allowed.</summary>
    public void Run(Guid pairingId, Guid scanId)
    {
        lock (_gate)
        {
            // Read under the lock: a stop is written first and then looks for the run.
            if (_stopping || _runs.ContainsKey((pairingId, scanId))
                || _store.GetConsole(pairingId) is null or { State: ConsoleState.Denied }
                || _store.GetScan(pairingId, scanId) is not { State: ScanState.Running } scan)
            {
                return;
            }

            TimeSpan? until = Leases.Until(pairingId, scanId, scan.Attempt);
            if (scan.Leased && until is null)
            {
                return;
            }

            var run = new ScanJob(
                _store,
                _room,
                scan,
                until is { } end ? () => end - Leases.Now : null,
                Scanners(),
                () => Spooled?.Invoke(pairingId),
                _log,
                _options.Channel.Time);
            _runs[(pairingId, scanId)] = run;
            _ = FollowAsync((pairingId, scanId), run);
        }
    }

    /// <summary>
    /// What the engine's admin allows holds from now on for what runs already: a run that began under another policy
    /// is ended where it stands, and goes on from there under this one, or is refused by it. All of them end before
    /// the first goes on, so that the rate is that of the engine at any moment.
    /// </summary>
    public void ApplyPolicy()
    {
        lock (_gate)
        {
            if (!_stopping && !_applying && Former().Length > 0)
            {
                _applying = true;
                _ = Task.Run(ApplyAsync);
            }
        }
    }

    private async Task ApplyAsync()
    {
        while (true)
        {
            try
            {
                KeyValuePair<(Guid PairingId, Guid ScanId), ScanJob>[] former;
                lock (_gate)
                {
                    former = _stopping ? [] : Former();
                    _applying = former.Length > 0;
                    if (!_applying)
                    {
                        return;
                    }
                }

                Log(
                    LogLevel.Information,
                    Events.PolicyApplied,
                    "The scan policy has changed: running scans are held to it.");
                await Task.WhenAll(former.Select(run => run.Value.DisposeAsync().AsTask())).ConfigureAwait(false);
                foreach (((Guid PairingId, Guid ScanId) key, ScanJob run) in former)
                {
                    Forget(key, run);
                }

                foreach (((Guid PairingId, Guid ScanId) key, _) in former)
                {
                    Run(key.PairingId, key.ScanId);
                }
            }
            catch (ScanEngineException exception)
            {
                // The store cannot be read now. What did not begin again begins with the next synchronisation.
                Log(LogLevel.Warning, Events.StoreFault, exception.Message);
                lock (_gate)
                {
                    _applying = false;
                }

                return;
            }
        }
    }

    /// <summary>Those that began under another policy than the present one. Under the lock.</summary>
    private KeyValuePair<(Guid PairingId, Guid ScanId), ScanJob>[] Former()
    {
        if (_runs.Count == 0)
        {
            return [];
        }

        ScannerSet now = Scanners();
        return _runs.Where(run => run.Value.Scanners != now).ToArray();
    }

    private void Log(LogLevel level, string name, string message) => _log.Write(new LogEntry(
        _options.Channel.Time.GetUtcNow(), level, name, message, new Dictionary<string, string>()));

    public void Stop(Guid pairingId, Guid scanId, bool goesOn)
    {
        lock (_gate)
        {
            _runs.GetValueOrDefault((pairingId, scanId))?.Stop(goesOn);
        }
    }

    /// <summary>Returns when nothing of it runs here.</summary>
    public async Task EndAsync(Guid pairingId, Guid scanId)
    {
        ScanJob? run;
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

    /// <summary>
    /// Ends what runs for that console without a verdict; it stays in the store as long as the pairing does, without
    /// what was lent.
    /// </summary>
    public async Task EndAllAsync(Guid pairingId)
    {
        ScanJob[] runs;
        lock (_gate)
        {
            runs = _runs.Where(run => run.Key.PairingId == pairingId).Select(run => run.Value).ToArray();
        }

        await Task.WhenAll(runs.Select(run => run.DisposeAsync().AsTask())).ConfigureAwait(false);
        Leases.ForgetAll(pairingId);
    }

    /// <summary>Ends all runs; what was found is spooled, and the next process goes on from there.</summary>
    public async ValueTask DisposeAsync()
    {
        ScanJob[] runs;
        lock (_gate)
        {
            _stopping = true;
            runs = [.. _runs.Values];
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(runs.Select(run => run.DisposeAsync().AsTask())).ConfigureAwait(false);
        _stop.Dispose();
    }

    /// <summary>
    /// Its place is free when it has ended. One that was interrupted begins again when the store takes what is found,
    /// and a later attempt that was taken on while this one stood in its way begins now.
    /// </summary>
    private async Task FollowAsync((Guid PairingId, Guid ScanId) key, ScanJob run)
    {
        await run.Completion.ConfigureAwait(false);
        Forget(key, run);
        if (run.IsFinished)
        {
            Leases.Forget(key.PairingId, key.ScanId, run.Attempt);
        }

        for (bool rests = run.Interrupted; !_stopped.IsCancellationRequested; rests = true)
        {
            try
            {
                if (rests)
                {
                    await Task.Delay(_options.MaxRetry, _options.Channel.Time, _stopped).ConfigureAwait(false);
                }

                if (run.Interrupted || _store.GetScan(key.PairingId, key.ScanId)?.Attempt != run.Attempt)
                {
                    Run(key.PairingId, key.ScanId);
                }

                return;
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (ScanEngineException)
            {
                // Not yet; why was logged when it began, or will be.
            }
        }
    }

    /// <summary>Only this run: a newer attempt may stand in its place already.</summary>
    private void Forget((Guid PairingId, Guid ScanId) key, ScanJob run)
    {
        lock (_gate)
        {
            if (_runs.TryGetValue(key, out ScanJob? known) && known == run)
            {
                _runs.Remove(key);
            }
        }
    }

    /// <summary>
    /// The same scanners for all scans, so that the policy's rate is the engine's; new ones when the policy changed.
    /// </summary>
    private ScannerSet Scanners()
    {
        TargetPolicy policy = EnginePolicy.Read(_store);
        string text = EnginePolicy.Write(policy);
        if (_scanners?.Policy != text)
        {
            _scanners = (text, new ScannerSet(policy, _options.Channel.Time, _options.FindNmap));
        }

        return _scanners!.Value.Set;
    }
}
