using System.Buffers.Binary;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>What makes the other end throw a packet away before it looks for a socket.</summary>
internal static class PacketFault
{
    private const int Tcp = 6;

    /// <summary>What is wrong with an IP packet that a device sends, for people; null if nothing is.</summary>
    public static string? Of(ReadOnlySpan<byte> packet)
    {
        bool v4 = packet[0] >> 4 == 4;
        int head = v4 ? (packet[0] & 15) * 4 : 40;
        int length = BinaryPrimitives.ReadUInt16BigEndian(packet[(v4 ? 2 : 4)..]) + (v4 ? 0 : head);
        if (length != packet.Length || head < 20 || head > length)
        {
            return "a length that is not its own";
        }

        if (v4 && (BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & 0x3fff) != 0)
        {
            return "only a part of a packet";
        }

        if (v4 && PacketFrame.Checksum(packet[..head]) != 0)
        {
            return "a wrong checksum";
        }

        return packet[v4 ? 9 : 6] != Tcp ? null
            : !IsSummed(packet, v4, head) ? "a wrong checksum"
            : (packet[head + 12] >> 4) * 4 is var own && (own < 20 || own > length - head)
                ? "a length of its head that is not its own" : null;
    }

    // A device that sums up by itself is given the sum of the addresses only.
    private static bool IsSummed(ReadOnlySpan<byte> packet, bool v4, int head)
    {
        ReadOnlySpan<byte> tcp = packet[head..];
        byte[] pseudo = [
            .. v4 ? packet[12..20] : packet[8..40], (byte)(tcp.Length >> 24), (byte)(tcp.Length >> 16),
            (byte)(tcp.Length >> 8), (byte)tcp.Length, 0, 0, 0, Tcp];
        return PacketFrame.Checksum([.. pseudo, .. tcp]) == 0
            || BinaryPrimitives.ReadUInt16BigEndian(tcp[16..]) == (ushort)~PacketFrame.Checksum(pseudo);
    }
}
