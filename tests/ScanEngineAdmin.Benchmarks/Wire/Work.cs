using System.Buffers.Binary;

namespace ScanEngineAdmin.Benchmarks.Wire;

/// <summary>What is asked of every wire, and the nine bytes that ask for it where a wire has no words.</summary>
internal static class Work
{
    public const int Piece = 64 * 1024;
    public const int RequestSize = 256;
    public const int HeaderSize = 9;
    public const byte Up = (byte)'U';
    public const byte Down = (byte)'D';
    public const byte Echo = (byte)'E';

    public static byte[] Header(byte work, long size)
    {
        byte[] header = new byte[HeaderSize];
        header[0] = work;
        BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(1), size);
        return header;
    }

    public static (byte Work, long Size) Read(ReadOnlySpan<byte> header) =>
        (header[0], BinaryPrimitives.ReadInt64BigEndian(header[1..]));

    /// <summary>Bytes that do not compress and are the same in every run.</summary>
    public static byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        new Random(7).NextBytes(bytes);
        return bytes;
    }
}
