using System.Buffers;

namespace ScanEngineAdmin.Channel;

/// <summary>Bytes in a pooled buffer; dispose to give it back.</summary>
public struct Payload : IDisposable
{
    private byte[]? _rented;

    internal Payload(byte[]? rented, int length)
    {
        _rented = rented;
        Length = length;
    }

    public int Length { get; private set; }

    public readonly ReadOnlyMemory<byte> Memory => _rented is null ? default : _rented.AsMemory(0, Length);

    public void Dispose()
    {
        byte[]? rented = _rented;
        _rented = null;
        Length = 0;
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    internal static Payload Copy(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return default;
        }

        byte[] rented = ArrayPool<byte>.Shared.Rent(bytes.Length);
        bytes.CopyTo(rented);
        return new Payload(rented, bytes.Length);
    }
}
