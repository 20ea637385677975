using System.Buffers.Binary;
using System.Net.Sockets;

namespace ScanEngineAdmin.Channel;

/// <summary>
/// What the operating system's TCP knows of a connection: the only witness of packets that left and never arrived.
/// </summary>
/// <param name="Unacknowledged">Segments sent that the other host has not acknowledged.</param>
/// <param name="Retransmitted">Segments sent again since the connection began.</param>
/// <param name="OutOfOrder">Segments that came after a gap: something before them is missing.</param>
/// <param name="BytesAcknowledged">Bytes that did arrive at the other host.</param>
/// <param name="SegmentSize">The largest segment that this host sends.</param>
public sealed record TransportFacts(
    int Unacknowledged, int Retransmitted, int OutOfOrder, long BytesAcknowledged, int SegmentSize)
{
    // struct tcp_info of linux/tcp.h: it only ever grows at its end, and the kernel says how much it has filled.
    private const int ProtocolTcp = 6;
    private const int TcpInfo = 11;
    private const int Size = 232;
    private const int SegmentAt = 16;
    private const int UnacknowledgedAt = 24;
    private const int RetransmittedAt = 100;
    private const int AcknowledgedAt = 120;
    private const int OutOfOrderAt = 224;

    /// <summary>Null where the system does not tell: on other systems than Linux, or of a closed socket.</summary>
    internal static TransportFacts? Of(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        try
        {
            Span<byte> info = stackalloc byte[Size];
            int filled = socket.GetRawSocketOption(ProtocolTcp, TcpInfo, info);
            return filled < AcknowledgedAt + sizeof(long)
                ? null
                : new TransportFacts(
                    Read(info, UnacknowledgedAt),
                    Read(info, RetransmittedAt),
                    filled >= OutOfOrderAt + sizeof(int) ? Read(info, OutOfOrderAt) : 0,
                    (long)Math.Min(long.MaxValue, Native(info[AcknowledgedAt..])),
                    Read(info, SegmentAt));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }

    private static int Read(ReadOnlySpan<byte> info, int at) => (int)Math.Min(
        int.MaxValue,
        BitConverter.IsLittleEndian
            ? BinaryPrimitives.ReadUInt32LittleEndian(info[at..])
            : BinaryPrimitives.ReadUInt32BigEndian(info[at..]));

    private static ulong Native(ReadOnlySpan<byte> bytes) => BitConverter.IsLittleEndian
        ? BinaryPrimitives.ReadUInt64LittleEndian(bytes)
        : BinaryPrimitives.ReadUInt64BigEndian(bytes);
}
