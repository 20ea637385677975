using ScanEngineAdmin.Core.Storage;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>The bound of the spool: while it is full, scans wait for acknowledgements; nothing is dropped.</summary>
internal sealed class SpoolRoom(IEngineStore store, EngineNodeOptions options)
{
    private TaskCompletionSource _trimmed = NewSignal();

    public void Trimmed() => Interlocked.Exchange(ref _trimmed, NewSignal()).TrySetResult();

    /// <summary>Returns when there is room; looks again now and then in case a signal came between two looks.</summary>
    public async Task WaitAsync(Guid pairingId, CancellationToken cancellationToken)
    {
        while (IsFull(pairingId))
        {
            Task trimmed = Volatile.Read(ref _trimmed).Task;
            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(trimmed, Task.Delay(options.StoreCheck, options.Channel.Time, waiting.Token))
                .ConfigureAwait(false);
            await waiting.CancelAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private bool IsFull(Guid pairingId)
    {
        long share = options.MaxSpool / 2;
        long all = store.SpooledBytes();
        return all > options.MaxSpool || (all > share && store.SpooledBytes(pairingId) > share);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
