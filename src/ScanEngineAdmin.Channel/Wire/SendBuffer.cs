using System.Buffers;

namespace ScanEngineAdmin.Channel.Wire;

/// <summary>Frames waiting to be written, one after the other in one pooled array. Not thread-safe.</summary>
internal sealed class SendBuffer
{
    private const int Smallest = 4 * 1024;
    private byte[]? _array;
    private int _expected = Smallest;

    public int Length { get; private set; }

    /// <summary>Adds a frame's header and returns the place for its payload, which the caller fills.</summary>
    public Span<byte> Append(FrameKind kind, uint id, int payload)
    {
        int needed = Length + FrameHeader.Size + payload;
        if (_array is null)
        {
            _array = ArrayPool<byte>.Shared.Rent(Math.Max(needed, _expected));
        }
        else if (needed > _array.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, 2 * _array.Length));
            _array.AsSpan(0, Length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_array);
            _array = larger;
        }

        new FrameHeader(payload, kind, id).Write(_array.AsSpan(Length));
        Span<byte> place = _array.AsSpan(Length + FrameHeader.Size, payload);
        Length = needed;
        return place;
    }

    /// <summary>Hands the array over: the taker returns it to the pool.</summary>
    public ArraySegment<byte> Take()
    {
        if (_array is null)
        {
            return default;
        }

        // The next round is likely to be like this one; renting its size at once saves copies while growing.
        _expected = Math.Clamp(Length, Smallest, 128 * 1024);
        var taken = new ArraySegment<byte>(_array, 0, Length);
        _array = null;
        Length = 0;
        return taken;
    }

    public static void Release(ArraySegment<byte> taken)
    {
        if (taken.Array is not null)
        {
            ArrayPool<byte>.Shared.Return(taken.Array);
        }
    }
}
