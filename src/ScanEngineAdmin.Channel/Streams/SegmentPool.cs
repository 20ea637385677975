namespace ScanEngineAdmin.Channel.Streams;

/// <summary>
/// Where the channels of a node have the segments of their streams from. The shared pool keeps a megabyte of them on
/// two processors, and a reader that comes and goes lets far more gather: the rest was made anew again and again. What
/// nobody needed between two sweeps is given up, so an idle node keeps none; without channels nothing is kept.
/// </summary>
internal sealed class SegmentPool
{
    public const int SegmentSize = 16 * 1024;

    // As much as the largest window of one stream.
    private const int Most = 1024;

    private readonly Stack<byte[]> _free = new();
    private int _leastFree;
    private bool _keeps;

    /// <summary>How many are kept. For tests: a segment kept and a new one are alike.</summary>
    public int Free
    {
        get
        {
            lock (_free)
            {
                return _free.Count;
            }
        }
    }

    public byte[] Rent()
    {
        lock (_free)
        {
            if (_free.TryPop(out byte[]? segment))
            {
                _leastFree = Math.Min(_leastFree, _free.Count);
                return segment;
            }
        }

        return GC.AllocateUninitializedArray<byte>(SegmentSize);
    }

    public void Return(byte[] segment)
    {
        lock (_free)
        {
            if (_keeps && _free.Count < Most)
            {
                _free.Push(segment);
            }
        }
    }

    /// <summary>Whether there are channels, whose sweep will trim this.</summary>
    public void Keep(bool keeps)
    {
        lock (_free)
        {
            _keeps = keeps;
            if (!keeps)
            {
                _free.Clear();
                _free.TrimExcess();
                _leastFree = 0;
            }
        }
    }

    /// <summary>Gives up what was not needed since the last time.</summary>
    public void Trim()
    {
        lock (_free)
        {
            for (; _leastFree > 0; _leastFree--)
            {
                _free.Pop();
            }

            _leastFree = _free.Count;
            if (_leastFree == 0)
            {
                _free.TrimExcess();
            }
        }
    }
}
