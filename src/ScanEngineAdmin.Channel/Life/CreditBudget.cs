namespace ScanEngineAdmin.Channel.Life;

/// <summary>
/// Credit beyond the first windows, shared by all channels of a node: what bounds their memory together.
/// </summary>
internal sealed class CreditBudget(long bytes)
{
    private long _left = bytes;

    /// <summary>For tests: a window that cannot grow has more causes than a budget that is used up.</summary>
    public long Left => Volatile.Read(ref _left);

    public bool TryTake(int bytes)
    {
        long left = Volatile.Read(ref _left);
        while (left >= bytes)
        {
            long seen = Interlocked.CompareExchange(ref _left, left - bytes, left);
            if (seen == left)
            {
                return true;
            }

            left = seen;
        }

        return false;
    }

    public void Return(int bytes) => Interlocked.Add(ref _left, bytes);
}
