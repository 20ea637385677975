using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>TCP segments as bytes of an IP packet, and what comes back.</summary>
internal static class PacketFrame
{
    public const byte Fin = 1;
    public const byte Syn = 2;
    public const byte Reset = 4;
    public const byte Ack = 0x10;
    public const byte SynAck = 0x12;
    private const byte Ecn = 0xc0;
    private const int Tcp = 6;

    // As a Linux host begins a connection, and in its first packet only.
    private static readonly byte[] Options = [4, 2, 8, 10, 0, 0, 0x30, 0x39, 0, 0, 0, 0, 1, 3, 3, 7];

    public static byte[] Segment(
        IPEndPoint from, IPEndPoint to, byte flags, PacketSort sort, uint sequence = 1000, uint acknowledged = 0)
    {
        bool v4 = from.AddressFamily == AddressFamily.InterNetwork;
        byte[] source = from.Address.GetAddressBytes();
        byte[] target = to.Address.GetAddressBytes();
        int head = v4 ? 20 : 40;
        byte[] options = (flags & Syn) != 0 ? [2, 4, 5, v4 ? (byte)0xb4 : (byte)0xa0, .. Options] : [];
        byte[] packet = new byte[head + 20 + options.Length];
        Span<byte> tcp = packet.AsSpan(head);
        BinaryPrimitives.WriteUInt16BigEndian(tcp, (ushort)from.Port);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], (ushort)to.Port);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], sequence);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[8..], acknowledged);
        tcp[12] = (byte)((20 + options.Length) / 4 << 4);
        tcp[13] = flags == Syn && sort.AsksForEcn ? (byte)(flags | Ecn) : flags;
        BinaryPrimitives.WriteUInt16BigEndian(tcp[14..], 64240);
        options.CopyTo(tcp[20..]);
        byte[] pseudo = [.. source, .. target, 0, 0, 0, (byte)tcp.Length, 0, 0, 0, Tcp];
        BinaryPrimitives.WriteUInt16BigEndian(tcp[16..], Checksum([.. pseudo, .. tcp]));
        if (v4)
        {
            packet[0] = 0x45;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
            packet[4] = 0x12;
            packet[6] = sort.MayBeCut ? (byte)0 : (byte)0x40;
            (packet[8], packet[9]) = (64, Tcp);
            source.CopyTo(packet, 12);
            target.CopyTo(packet, 16);
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), Checksum(packet.AsSpan(0, 20)));
        }
        else
        {
            packet[0] = 0x60;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)tcp.Length);
            (packet[6], packet[7]) = (Tcp, 64);
            source.CopyTo(packet, 8);
            target.CopyTo(packet, 24);
        }

        return packet;
    }

    /// <summary>Ethernet around a packet.</summary>
    public static byte[] Ethernet(byte[] packet, byte[] to, byte[] from) =>
        [.. to, .. from, .. packet[0] >> 4 == 4 ? (byte[])[8, 0] : [0x86, 0xdd], .. packet];

    /// <summary>Reads a packet that the namespace sent; null for what is neither TCP, an error message nor
    /// an advertisement of a neighbour.</summary>
    public static SeenPacket? Read(ReadOnlySpan<byte> packet)
    {
        if (packet.Length < 40 || packet[0] >> 4 is not (4 or 6))
        {
            return null;
        }

        bool v4 = packet[0] >> 4 == 4;
        int head = v4 ? (packet[0] & 15) * 4 : 40;
        byte protocol = v4 ? packet[9] : packet[6];
        IPAddress source = new(v4 ? packet[12..16] : packet[8..24]);
        IPAddress target = new(v4 ? packet[16..20] : packet[24..40]);
        ReadOnlySpan<byte> rest = packet[head..];
        if (protocol == Tcp && rest.Length >= 20)
        {
            return new SeenPacket(
                new IPEndPoint(source, BinaryPrimitives.ReadUInt16BigEndian(rest)),
                new IPEndPoint(target, BinaryPrimitives.ReadUInt16BigEndian(rest[2..])),
                rest[13], BinaryPrimitives.ReadUInt32BigEndian(rest[4..]), string.Empty)
            {
                Acknowledged = BinaryPrimitives.ReadUInt32BigEndian(rest[8..]),
                Fault = PacketFault.Of(packet),
            };
        }

        if (NeighbourFrame.Advertised(packet) is { } address)
        {
            return new SeenPacket(new IPEndPoint(source, 0), new IPEndPoint(target, 0), 0, 0, string.Empty)
            { Advertises = address };
        }

        return protocol == (v4 ? 1 : 58) && rest.Length >= 8 && Kind(v4, rest[0], rest[1]) is { } kind
            ? new SeenPacket(new IPEndPoint(source, 0), new IPEndPoint(target, 0), 0, 0, kind)
            : null;
    }

    private static string? Kind(bool v4, byte type, byte code) => (v4, type, code) switch
    {
        (true, 3, 0) => "icmp net-unreachable",
        (true, 3, 1) => "icmp host-unreachable",
        (true, 3, 2) => "icmp prot-unreachable",
        (true, 3, 3) => "icmp port-unreachable",
        (true, 3, 9) => "icmp net-prohibited",
        (true, 3, 10) => "icmp host-prohibited",
        (true, 3, 13) => "icmp admin-prohibited",
        (false, 1, 0) => "icmpv6 no-route",
        (false, 1, 1) => "icmpv6 admin-prohibited",
        (false, 1, 3) => "icmpv6 addr-unreachable",
        (false, 1, 4) => "icmpv6 port-unreachable",
        (true, 3, _) or (false, 1, _) => FormattableString.Invariant($"icmp type {type} code {code}"),
        _ => null,
    };

    public static ushort Checksum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (int i = 0; i < bytes.Length; i += 2)
        {
            sum += (uint)((bytes[i] << 8) | (i + 1 < bytes.Length ? bytes[i + 1] : 0));
        }

        while (sum >> 16 != 0)
        {
            sum = (sum & 0xffff) + (sum >> 16);
        }

        return (ushort)~sum;
    }
}
