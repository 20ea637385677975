namespace ScanEngineAdmin.Channel.Streams;

/// <summary>Received bytes in pooled segments; small frames share one. Not thread-safe.</summary>
internal sealed class SegmentQueue(SegmentPool pool)
{
    private const int SegmentSize = SegmentPool.SegmentSize;
    private readonly Queue<byte[]> _segments = new();
    private byte[]? _tail;
    private int _headStart;
    private int _tailEnd;

    public int Length { get; private set; }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        Length += bytes.Length;
        while (!bytes.IsEmpty)
        {
            if (_tail is null || _tailEnd == SegmentSize)
            {
                _tail = pool.Rent();
                _segments.Enqueue(_tail);
                _tailEnd = 0;
            }

            int count = Math.Min(bytes.Length, SegmentSize - _tailEnd);
            bytes[..count].CopyTo(_tail.AsSpan(_tailEnd));
            _tailEnd += count;
            bytes = bytes[count..];
        }
    }

    public int Read(Span<byte> destination)
    {
        int total = 0;
        while (total < destination.Length && _segments.Count > 0)
        {
            byte[] head = _segments.Peek();
            int end = ReferenceEquals(head, _tail) ? _tailEnd : SegmentSize;
            int count = Math.Min(destination.Length - total, end - _headStart);
            head.AsSpan(_headStart, count).CopyTo(destination[total..]);
            _headStart += count;
            total += count;
            if (_headStart == end)
            {
                DropHead();
            }
        }

        Length -= total;
        return total;
    }

    public void Clear()
    {
        while (_segments.Count > 0)
        {
            DropHead();
        }

        Length = 0;
    }

    private void DropHead()
    {
        byte[] head = _segments.Dequeue();
        _headStart = 0;
        if (ReferenceEquals(head, _tail))
        {
            _tail = null;
        }

        pool.Return(head);
    }
}
