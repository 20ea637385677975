using System.Text;

namespace ScanEngineAdmin.Scanning.Batches;

/// <summary>
/// Reads what <see cref="BatchWriter"/> writes; every length is checked before anything is allocated for it.
/// </summary>
internal ref struct BatchReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly int Left => _rest.Length;

    public byte Byte()
    {
        ScanBatchCodec.Require(_rest.Length > 0, "it ends too early");
        byte value = _rest[0];
        _rest = _rest[1..];
        return value;
    }

    public long Number()
    {
        long value = 0;

        // Nine bytes of seven bits are 63: never negative.
        for (int shift = 0; shift < 63; shift += 7)
        {
            byte next = Byte();
            value |= (long)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new FormatException("The scan data is malformed: a number is too long.");
    }

    public string String(int maxBytes)
    {
        long length = Number();
        ScanBatchCodec.Require(length <= maxBytes && length <= _rest.Length, "a text is too long");
        try
        {
            string value = ScanBatchCodec.Text.GetString(_rest[..(int)length]);
            _rest = _rest[(int)length..];
            return value;
        }
        catch (DecoderFallbackException e)
        {
            throw new FormatException("The scan data is malformed: a text is not UTF-8.", e);
        }
    }
}
