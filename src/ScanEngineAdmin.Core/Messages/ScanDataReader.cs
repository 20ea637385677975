using System.Buffers.Binary;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Batches;

namespace ScanEngineAdmin.Core.Messages;

/// <summary>
/// Reads the two messages of a stream of scan data; a length beyond the ceiling ends the stream, unread.
/// </summary>
internal sealed class ScanDataReader(ChannelStream stream)
{
    /// <summary>An engine sends at most <see cref="ScanLimits.FindingsPerBatch"/> findings a batch.</summary>
    public const int MaxBatch = 2 * 1024 * 1024;

    /// <summary>Null at the end of the stream.</summary>
    public async ValueTask<ScanDataMessage?> ReadBatchAsync(CancellationToken cancellationToken)
    {
        byte[] prefix = new byte[4];
        if (!await FillAsync(prefix, cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        int length = BinaryPrimitives.ReadInt32BigEndian(prefix);
        if (length is < ScanDataWriter.HeadLength or > MaxBatch)
        {
            throw new PeerRequestException((int)RequestCode.Malformed, $"A batch of {length} bytes is out of bounds.");
        }

        byte[] message = new byte[length];
        if (!await FillAsync(message, cancellationToken).ConfigureAwait(false))
        {
            throw new PeerRequestException((int)RequestCode.Malformed, "The stream ended inside a batch.");
        }

        ScanBatch batch;
        try
        {
            batch = ScanBatchCodec.Decode(message.AsSpan(ScanDataWriter.HeadLength));
        }
        catch (FormatException exception)
        {
            throw new PeerRequestException((int)RequestCode.Malformed, exception.Message);
        }

        return new ScanDataMessage(new Guid(message.AsSpan(0, 16), bigEndian: true), ReadAttempt(message), batch);
    }

    /// <summary>Null at the end of the stream.</summary>
    public async ValueTask<BatchAcknowledgement?> ReadAcknowledgementAsync(CancellationToken cancellationToken)
    {
        byte[] message = new byte[ScanDataWriter.AcknowledgementLength];
        if (!await FillAsync(message, cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        return new BatchAcknowledgement(
            new Guid(message.AsSpan(0, 16), bigEndian: true),
            ReadAttempt(message),
            BinaryPrimitives.ReadInt64BigEndian(message.AsSpan(ScanDataWriter.HeadLength)),
            (BatchOutcome)message[^1]);
    }

    private static int ReadAttempt(byte[] message) => BinaryPrimitives.ReadInt32BigEndian(message.AsSpan(16));

    /// <summary>False if the stream ended before the first byte.</summary>
    private async ValueTask<bool> FillAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int filled = 0;
        while (filled < buffer.Length)
        {
            int read = await stream.ReadAsync(buffer[filled..], cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return filled == 0
                    ? false
                    : throw new PeerRequestException((int)RequestCode.Malformed, "The stream ended inside a message.");
            }

            filled += read;
        }

        return true;
    }
}
