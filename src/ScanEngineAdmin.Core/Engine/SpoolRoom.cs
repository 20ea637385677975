using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>The bound of the spool: while it is full, scans wait for acknowledgements; nothing is dropped.</summary>
internal sealed class SpoolRoom(IEngineStore store, EngineNodeOptions options, NodeLog log)
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
            while (IsFull(scan.PairingId))
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
                    Hold(scan, held);
                }
            }
        }
        finally
        {
            if (held)
            {
                Hold(scan, held: false);
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

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

    private void Hold(EngineScanRecord scan, bool held)
    {
        lock (_held)
        {
            if (held)
            {
                _held.Add(scan);
            }
            else
            {
                _held.Remove(scan);
            }
        }

        log(new LogEntry(
            options.Channel.Time.GetUtcNow(),
            held ? LogLevel.Warning : LogLevel.Information,
            held ? "SpoolFull" : "SpoolHasRoom",
            held
                ? $"Scan {scan.ScanId} waits: the spool is full until the consoles take what is in it."
                : $"Scan {scan.ScanId} waits for room in the spool no longer.",
            new Dictionary<string, string> { ["scan"] = scan.ScanId.ToString("D") }));
    }
}
