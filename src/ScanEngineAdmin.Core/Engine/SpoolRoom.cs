using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>
/// The bound of the spool and of its disk: while one is full, scans wait for acknowledgements or for room; nothing is
/// dropped.
/// </summary>
internal sealed class SpoolRoom(IEngineStore store, EngineNodeOptions options, BoundedLog log)
{
    private readonly List<EngineScanRecord> _held = [];
    private TaskCompletionSource _trimmed = NewSignal();

    public void Trimmed() => Interlocked.Exchange(ref _trimmed, NewSignal()).TrySetResult();

    /// <summary>The scans that wait, and not only for a moment.</summary>
    public IReadOnlyList<(Guid ScanId, int Attempt)> Held(Guid pairingId)
    {
        lock (_held)
        {
            return _held.Where(scan => scan.PairingId == pairingId)
                .Select(scan => (scan.ScanId, scan.Attempt)).ToList();
        }
    }

    /// <summary>Returns when there is room; looks again now and then in case a signal came between two looks.</summary>
    public async Task WaitAsync(EngineScanRecord scan, CancellationToken cancellationToken)
    {
        bool held = false;
        try
        {
            while (Lacking(scan.PairingId) is { } lacking)
            {
                Task trimmed = Volatile.Read(ref _trimmed).Task;
                using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                Task delay = Task.Delay(options.StoreCheck, options.Channel.Time, waiting.Token);
                Task first = await Task.WhenAny(trimmed, delay).ConfigureAwait(false);
                await waiting.CancelAsync().ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                if (first == delay && !held)
                {
                    held = true;
                    Hold(scan, lacking);
                }
            }
        }
        finally
        {
            if (held)
            {
                Hold(scan, lacking: null);
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What is missing for another batch; null if nothing is.</summary>
    private Shortage? Lacking(Guid pairingId) => IsFull(pairingId)
        ? new Shortage(Events.SpoolFull, "the spool is full until the consoles take what is in it", null)
        : store.Room() is { IsBelowFloor: true } room
            ? new Shortage(Events.ScanInterrupted, $"the disk of the engine is full ({room.Text})", FaultCode.StoreFull)
            : null;

    private bool IsFull(Guid pairingId)
    {
        long share = options.MaxSpool / 2;
        long all = store.SpooledBytes();
        if (all <= share)
        {
            return false;
        }

        // One of whose data nothing waits goes on, batch by batch, whatever consoles that are gone leave lying here.
        long own = store.SpooledBytes(pairingId);
        return own > share || (all > options.MaxSpool && own > 0);
    }

    private void Hold(EngineScanRecord scan, Shortage? lacking)
    {
        lock (_held)
        {
            if (lacking is not null)
            {
                _held.Add(scan);
            }
            else
            {
                _held.Remove(scan);
            }
        }

        log.Write(new LogEntry(
            options.Channel.Time.GetUtcNow(),
            lacking is null ? LogLevel.Information : LogLevel.Warning,
            lacking?.Event ?? Events.SpoolHasRoom,
            lacking is null
                ? $"Scan {scan.ScanId} waits for room no longer."
                : $"Scan {scan.ScanId} waits: {lacking.Why}.",
            new Dictionary<string, string>
            {
                ["scan"] = scan.ScanId.ToString("D"),
                ["pairing"] = scan.PairingId.ToString("D"),
                ["fault"] = lacking?.Fault?.ToString() ?? string.Empty,
            }));
    }

    private sealed record Shortage(string Event, string Why, FaultCode? Fault);
}
