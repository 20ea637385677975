using System.Buffers.Binary;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Batches;

namespace ScanEngineAdmin.Core.Messages;

/// <summary>
/// Writes the two messages of a stream of scan data, all numbers big-endian. Engine to console: length (u32) of what
/// follows, scan id (16), attempt (u32), the batch. Console to engine: scan id (16), attempt (u32), number (u64),
/// outcome (u8).
/// </summary>
internal static class ScanDataWriter
{
    public const int HeadLength = 16 + 4;

    public const int AcknowledgementLength = HeadLength + 8 + 1;

    public static async ValueTask WriteBatchAsync(
        ChannelStream stream, Guid scanId, int attempt, ScanBatch batch, CancellationToken cancellationToken,
        bool origins = true)
    {
        byte[] encoded = ScanBatchCodec.Encode(batch, origins);
        byte[] message = new byte[4 + HeadLength + encoded.Length];
        BinaryPrimitives.WriteInt32BigEndian(message, HeadLength + encoded.Length);
        WriteHead(message.AsSpan(4), scanId, attempt);
        encoded.CopyTo(message, 4 + HeadLength);
        await stream.WriteAsync(message, cancellationToken).ConfigureAwait(false);
    }

    public static ValueTask WriteAcknowledgementAsync(
        ChannelStream stream, BatchAcknowledgement acknowledgement, CancellationToken cancellationToken)
    {
        byte[] message = new byte[AcknowledgementLength];
        WriteHead(message, acknowledgement.ScanId, acknowledgement.Attempt);
        BinaryPrimitives.WriteInt64BigEndian(message.AsSpan(HeadLength), acknowledgement.Number);
        message[^1] = (byte)acknowledgement.Outcome;
        return stream.WriteAsync(message, cancellationToken);
    }

    private static void WriteHead(Span<byte> destination, Guid scanId, int attempt)
    {
        scanId.TryWriteBytes(destination, bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(destination[16..], attempt);
    }
}
