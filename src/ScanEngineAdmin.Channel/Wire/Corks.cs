namespace ScanEngineAdmin.Channel.Wire;

/// <summary>
/// The threads that run a batch at the moment: what they append leaves in one write when the batch is over. By
/// thread, so that a handler that blocks does not hold back what anybody else sends.
/// </summary>
internal sealed class Corks
{
    private readonly int[] _threads = new int[4];
    private int _count;

    /// <summary>False if all places are taken; then the batch simply runs without.</summary>
    public bool TryAdd()
    {
        int thread = Environment.CurrentManagedThreadId;
        for (int i = 0; i < _threads.Length; i++)
        {
            if (Interlocked.CompareExchange(ref _threads[i], thread, 0) == 0)
            {
                Interlocked.Increment(ref _count);
                return true;
            }
        }

        return false;
    }

    public void Remove()
    {
        int thread = Environment.CurrentManagedThreadId;
        int i = Array.IndexOf(_threads, thread);
        Volatile.Write(ref _threads[i], 0);
        Interlocked.Decrement(ref _count);
    }

    public bool HoldsThisThread()
    {
        if (Volatile.Read(ref _count) == 0)
        {
            return false;
        }

        int thread = Environment.CurrentManagedThreadId;
        return _threads[0] == thread || _threads[1] == thread || _threads[2] == thread || _threads[3] == thread;
    }
}
