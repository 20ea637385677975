using System.Buffers;

namespace ScanEngineAdmin.Scanning.Batches;

/// <summary>Bytes, numbers of seven bits a byte (low first), and texts with their length before them.</summary>
internal sealed class BatchWriter(int expected)
{
    private readonly ArrayBufferWriter<byte> _bytes = new(expected);

    public void Byte(byte value)
    {
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
    }

    public void Number(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        for (; value >= 0x80; value >>= 7)
        {
            Byte((byte)(value | 0x80));
        }

        Byte((byte)value);
    }

    public void String(string value, int maxBytes)
    {
        int length = ScanBatchCodec.Text.GetByteCount(value);
        if (length > maxBytes)
        {
            throw new ArgumentException($"A text of {length} bytes is over its {maxBytes}.", nameof(value));
        }

        Number(length);
        _bytes.Advance(ScanBatchCodec.Text.GetBytes(value, _bytes.GetSpan(length)));
    }

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();
}
