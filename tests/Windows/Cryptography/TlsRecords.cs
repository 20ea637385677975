using System.Buffers;
using System.Security.Authentication;

namespace ScanEngineAdmin;

/// <summary>Test only: the records of TLS over a stream; a buffer is rented only while bytes are in one.</summary>
internal sealed class TlsRecords(Stream inner) : IDisposable
{
    public const byte End = 0;
    public const byte Alert = 21;
    public const byte Handshake = 22;
    public const byte Data = 23;
    public const int Longest = 16 * 1024;

    private const int HeaderSize = 5;
    private readonly byte[] _header = new byte[HeaderSize];

    /// <summary>The next record; of the kind <see cref="End"/> when the peer ends between two.</summary>
    public async ValueTask<(byte Kind, ReadOnlyMemory<byte> Payload)> ReadAsync(CancellationToken cancellationToken)
    {
        // Without a buffer: a channel may be idle for days.
        await inner.ReadAsync(Memory<byte>.Empty, cancellationToken).ConfigureAwait(false);
        int got = await inner.ReadAtLeastAsync(_header, HeaderSize, false, cancellationToken).ConfigureAwait(false);
        if (got == 0)
        {
            return (End, default);
        }

        int length = (_header[3] << 8) | _header[4];
        if (got == HeaderSize && (_header[0] is < Alert or > Data || _header[1] != 3 || length > Longest))
        {
            throw new AuthenticationException("The bytes received are no record of TLS.");
        }

        byte[] payload = new byte[length];
        if (got < HeaderSize
            || await inner.ReadAtLeastAsync(payload, length, false, cancellationToken).ConfigureAwait(false) < length)
        {
            throw new IOException("The peer ended the connection within a record.");
        }

        return (_header[0], payload);
    }

    public async ValueTask WriteAsync(byte kind, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        byte[] record = ArrayPool<byte>.Shared.Rent(HeaderSize + payload.Length);
        try
        {
            (record[0], record[1], record[2]) = (kind, 3, 3);
            (record[3], record[4]) = ((byte)(payload.Length >> 8), (byte)payload.Length);
            payload.CopyTo(record.AsMemory(HeaderSize));
            await inner.WriteAsync(record.AsMemory(0, HeaderSize + payload.Length), cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(record);
        }
    }

    public Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public void Dispose() => inner.Dispose();
}
