using System.Runtime.CompilerServices;

namespace ScanEngineAdmin.Channel.Wire;

/// <summary>
/// Awaits a read and runs what has gathered for the layer above. If the read has to wait, the loop's continuation is
/// registered first and the batch then runs on the thread that the loop has just left: no hop to the pool, and yet the
/// loop does not depend on what the batch does. If the read is ready, the batch goes to the pool.
/// </summary>
internal readonly struct HandOver(ValueTask<int> read, WorkBatches batches) : ICriticalNotifyCompletion
{
    private readonly ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter _read =
        read.ConfigureAwait(false).GetAwaiter();

    public bool IsCompleted
    {
        get
        {
            if (!_read.IsCompleted)
            {
                return false;
            }

            batches.Dispatch();
            return true;
        }
    }

    public HandOver GetAwaiter() => this;

    public int GetResult() => _read.GetResult();

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation)
    {
        // Taken before: once registered, the loop may go on elsewhere and gather the next batch.
        WorkBatch? batch = batches.TakeOne();
        _read.UnsafeOnCompleted(continuation);
        if (batch is not null)
        {
            batches.RunHere(batch);
        }
    }
}
