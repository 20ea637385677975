using System.Buffers.Binary;

namespace ScanEngineAdmin.Channel.Wire;

/// <summary>
/// The 8 bytes before every payload: length (u24), kind (u8), stream or request id (u32), big-endian.
/// </summary>
internal readonly struct FrameHeader(int length, FrameKind kind, uint id)
{
    public const int Size = ChannelProtocol.HeaderLength;

    /// <summary>Bytes of payload that follow.</summary>
    public int Length { get; } = length;

    public FrameKind Kind { get; } = kind;

    /// <summary>Of a stream or a request; 0 where the kind has none.</summary>
    public uint Id { get; } = id;

    /// <summary>Whether a peer of a newer version sent something this one may ignore.</summary>
    public bool IsSkippable => (byte)Kind >= 0x80;

    /// <summary>
    /// Reads a header; what it claims is checked against the ceiling before anybody allocates for it.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, int ceiling, out FrameHeader header, out FrameError error)
    {
        header = default;
        if (bytes.Length < Size)
        {
            error = FrameError.Incomplete;
            return false;
        }

        uint first = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        uint id = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
        header = new FrameHeader((int)(first >> 8), (FrameKind)(byte)first, id);
        error = header.Length > ceiling ? FrameError.TooLong
            : header.IsSkippable || IsKnown(header.Kind) ? FrameError.None
            : FrameError.UnknownKind;
        return error == FrameError.None;
    }

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination, ((uint)Length << 8) | (byte)Kind);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], Id);
    }

    private static bool IsKnown(FrameKind kind) => kind switch
    {
        FrameKind.Hello or FrameKind.Welcome or FrameKind.Refuse or FrameKind.Pair or FrameKind.Goodbye => true,
        FrameKind.Open or FrameKind.Data or FrameKind.Credit or FrameKind.End or FrameKind.Reset => true,
        FrameKind.Request or FrameKind.Reply or FrameKind.Fault or FrameKind.Cancel => true,
        FrameKind.Ping or FrameKind.Pong => true,
        _ => false,
    };
}
