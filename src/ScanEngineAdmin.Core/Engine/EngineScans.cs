using System.Collections.Concurrent;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Scanning.Nmap;
using ScanEngineAdmin.Scanning.Plan;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>
/// The scans this engine runs, whatever channels come and go: taken on durably, run once, spooled. A restarted engine
/// goes on from the last spooled batch; the process that ran it before is dead, because this one holds the folder.
/// </summary>
internal sealed class EngineScans : IAsyncDisposable
{
    /// <summary>
    /// Scans in one synchronisation: far above what an engine may hold, so that reading one stays cheap.
    /// </summary>
    private const int MaxSynced = 1024;

    /// <summary>As far as a timer reaches.</summary>
    private const long MaxTimeLeftMs = 49L * 24 * 60 * 60 * 1000;

    private readonly IEngineStore _store;
    private readonly EngineNodeOptions _options;
    private readonly BoundedLog _log;

    // One of each pairing: a console that keeps its own attempts ending does not keep another's from beginning.
    private readonly ConcurrentDictionary<Guid, SemaphoreSlim> _accepting = new();

    private readonly CancellationTokenSource _stop = new();

    // Asked for by channels, which end after this has.
    private readonly CancellationToken _stopped;

    public EngineScans(IEngineStore store, EngineNodeOptions options, BoundedLog log)
    {
        _store = store;
        _options = options;
        _log = log;
        Runs = new ScanJobs(store, options, log);
        _stopped = _stop.Token;
    }

    /// <summary>Those that run now.</summary>
    public ScanJobs Runs { get; }

    /// <summary>
    /// Goes on with what the last process left; with a part of a pool's scan only when its console has listed it: it
    /// may be another engine's by now, and how long this one was down no clock here says for sure.
    /// </summary>
    public void Resume(Guid? pairingId = null)
    {
        foreach (EngineScanRecord scan in _store.ListScans(pairingId).Where(scan => scan.State == ScanState.Running))
        {
            Runs.Run(scan.PairingId, scan.ScanId);
        }
    }

    /// <summary>Takes a scan on and starts it; the same scan and attempt again changes nothing.</summary>
    /// <exception cref="PeerRequestException">ScanRefused, Stale.</exception>
    public async Task StartAsync(Guid pairingId, ScanStart start)
    {
        // One at a time, so that the count below counts; what is before it has cost the console more than this node.
        SemaphoreSlim accepting = Accepting(pairingId);
        await accepting.WaitAsync(_stopped).ConfigureAwait(false);
        try
        {
            await AcceptAsync(pairingId, start).ConfigureAwait(false);
        }
        finally
        {
            accepting.Release();
        }
    }

    private SemaphoreSlim Accepting(Guid pairingId) => _accepting.GetOrAdd(pairingId, _ => new SemaphoreSlim(1, 1));

    private async Task AcceptAsync(Guid pairingId, ScanStart start)
    {
        ScanRequest request = start.ToRequest();
        long units;
        try
        {
            var plan = ScanPlan.Create(request);
            TargetPolicy policy = EnginePolicy.Read(_store);
            new TargetPolicyGuard(policy).Check(plan.Targets);
            if (request.Scanner == ScannerKind.Nmap)
            {
                NmapProgram.Require(policy, _options.FindNmap);
            }

            units = plan.Units;
        }
        catch (ScanEngineException exception) when (HandlerFault.IsOfRequest(exception))
        {
            throw new PeerRequestException(
                (int)RequestCode.ScanRefused, $"{exception.Message} {exception.Recommendation}");
        }

        if (start.FromUnit < 0 || start.FromUnit > units || start.TimeLeftMs is < 0 or > MaxTimeLeftMs)
        {
            throw new PeerRequestException(
                (int)RequestCode.Malformed, $"The scan has {units} units, and a deadline is at most 49 days off.");
        }

        TimeSpan? until = LeaseEnd(start.LeaseUntilMs);

        if (_store.GetScan(pairingId, start.ScanId) is { } older && older.Attempt < start.Attempt)
        {
            // Never two attempts of one scan at once: the older one has ended before the newer one begins.
            await Runs.EndAsync(pairingId, start.ScanId).ConfigureAwait(false);
        }

        if (_store.GetScan(pairingId, start.ScanId) is null
            && _store.ListScans(pairingId).Count >= _options.MaxScansPerConsole)
        {
            throw new PeerRequestException(
                (int)RequestCode.ScanRefused,
                $"The engine holds {_options.MaxScansPerConsole} scans of this console already, running or not yet "
                    + "delivered.");
        }

        DateTimeOffset now = _options.Channel.Time.GetUtcNow();
        EngineScanRecord scan = _store.AcceptScan(new EngineScanRecord
        {
            PairingId = pairingId,
            ScanId = start.ScanId,
            Attempt = start.Attempt,
            Request = request,
            State = ScanState.Running,
            Cursor = start.FromUnit ?? 0,
            Accepted = now,
            Deadline = start.TimeLeftMs is { } left ? now + TimeSpan.FromMilliseconds(left) : null,
            Leased = until is not null,
        });
        if (scan.Attempt != start.Attempt)
        {
            throw new PeerRequestException((int)RequestCode.Stale, $"The scan is at attempt {scan.Attempt} here.");
        }

        if (scan.State == ScanState.Running)
        {
            if (until is { } end)
            {
                Runs.Leases.Lend(pairingId, start.ScanId, start.Attempt, end);
            }

            Runs.Run(scan.PairingId, scan.ScanId);
        }
    }

    /// <summary>One that is over already is one: the message may have lain unread while this process was frozen.</summary>
    private TimeSpan? LeaseEnd(long? untilMs)
    {
        if (untilMs is not { } ms)
        {
            return null;
        }

        if (ms < 0 || ms - Runs.Leases.Now.TotalMilliseconds > MaxTimeLeftMs)
        {
            throw new PeerRequestException((int)RequestCode.Malformed, "A lease ends in 49 days at most.");
        }

        return TimeSpan.FromMilliseconds(ms);
    }

    /// <summary>Stops a scan; its last batch says Stopped and holds what was found until then.</summary>
    public void Stop(Guid pairingId, ScanStop stop)
    {
        EngineScanRecord? scan = _store.UpdateScan(pairingId, stop.ScanId, current => current.Attempt == stop.Attempt
            ? current with { StopRequested = true, GoesOn = stop.GoesOn == true }
            : current);
        if (scan?.Attempt == stop.Attempt)
        {
            Runs.Stop(pairingId, stop.ScanId, scan.GoesOn);
        }
    }

    /// <summary>
    /// What the console holds to be here: drops what it does not list, notes what it has stored, and says what is
    /// missing. One that is overtaken by a later one changes nothing more: what began since is not in its list.
    /// </summary>
    public async Task<IReadOnlyList<Guid>> SyncAsync(Guid pairingId, ScanSync sync, Func<bool> isOvertaken)
    {
        if (sync.Scans.Count > MaxSynced || sync.Scans.Any(item => item is null)
            || sync.Scans.DistinctBy(item => item.ScanId).Count() < sync.Scans.Count)
        {
            throw new PeerRequestException(
                (int)RequestCode.Malformed, $"A synchronisation lists at most {MaxSynced} scans, each once.");
        }

        Dictionary<Guid, TimeSpan?> leases = sync.Scans.ToDictionary(
            item => item.ScanId, item => LeaseEnd(item.LeaseUntilMs));
        Dictionary<Guid, ScanSyncItem> listed = sync.Scans.ToDictionary(item => item.ScanId);
        IReadOnlyList<EngineScanRecord> there = _store.ListScans(pairingId);
        if (isOvertaken())
        {
            throw new PeerRequestException((int)RequestCode.Stale, "The console has reconciled again since.");
        }

        foreach (EngineScanRecord scan in there)
        {
            // One of which the console has more than was ever spooled here: this store came back from a backup, and the
            // numbers of batches to come would stand for others that the console has. A later attempt than the console
            // knows: its store did, and the attempt it begins next must not be taken for this one, which may have begun
            // behind findings that are lost there.
            if (!listed.TryGetValue(scan.ScanId, out ScanSyncItem? item) || item.Attempt != scan.Attempt
                || (item.Attempt == scan.Attempt && item.LastBatch > scan.LastBatch))
            {
                _log.Write(new LogEntry(
                    _options.Channel.Time.GetUtcNow(),
                    LogLevel.Information,
                    Events.ScanNotWanted,
                    $"The console does not want scan {scan.ScanId}, attempt {scan.Attempt} ({scan.State}): dropped.",
                    new Dictionary<string, string>
                    {
                        ["scan"] = scan.ScanId.ToString("D"),
                        ["pairing"] = pairingId.ToString("D"),
                    }));
                await DropAsync(pairingId, scan.ScanId, scan.Attempt).ConfigureAwait(false);
                continue;
            }

            if (item.LastBatch > scan.AcknowledgedBatch)
            {
                _store.AcknowledgeBatches(pairingId, scan.ScanId, scan.Attempt, item.LastBatch);
            }

            if (scan.State == ScanState.Running && leases[scan.ScanId] is { } until)
            {
                Runs.Leases.Lend(pairingId, scan.ScanId, scan.Attempt, until);
            }
        }

        // One that was interrupted by a fault of the store goes on now at the latest.
        Resume(pairingId);
        return sync.Scans
            .Where(item => _store.GetScan(pairingId, item.ScanId)?.Attempt != item.Attempt)
            .Select(item => item.ScanId)
            .ToList();
    }

    /// <summary>Ends an attempt and forgets it with its spool.</summary>
    public async Task DropAsync(Guid pairingId, Guid scanId, int attempt)
    {
        // The console may begin the next attempt while this one goes: that one must stay.
        SemaphoreSlim accepting = Accepting(pairingId);
        await accepting.WaitAsync(_stopped).ConfigureAwait(false);
        try
        {
            if (_store.GetScan(pairingId, scanId) is { } scan && scan.Attempt <= attempt)
            {
                await Runs.EndAsync(pairingId, scanId).ConfigureAwait(false);
                _store.RemoveScan(pairingId, scanId, attempt);
                Runs.Leases.Forget(pairingId, scanId, attempt);
                Runs.SpoolTrimmed();
            }
        }
        finally
        {
            accepting.Release();
        }
    }

    /// <summary>Ends all runs; what was found is spooled, and the next process goes on from there.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Runs.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }
}
