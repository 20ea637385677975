using System.Buffers.Binary;
using System.Net;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>The packets with which an IPv6 host asks for the interface that has an address, and is answered.</summary>
internal static class NeighbourFrame
{
    private const byte Icmp = 58;
    private const byte Solicitation = 135;
    private const byte Advertisement = 136;

    /// <summary>The multicast address that all who may have that address hear.</summary>
    public static IPAddress SolicitedNode(IPAddress address) =>
        new([0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, .. address.GetAddressBytes()[13..]]);

    /// <summary>Asks all who may have that address, as who does not know its interface does.</summary>
    public static byte[] Solicit(IPAddress from, IPAddress wanted, byte[] fromMac)
    {
        byte[] target = wanted.GetAddressBytes();
        byte[] icmp = [Solicitation, 0, 0, 0, 0, 0, 0, 0, .. target, 1, 1, .. fromMac];
        byte[] addresses = [.. from.GetAddressBytes(), .. SolicitedNode(wanted).GetAddressBytes()];
        BinaryPrimitives.WriteUInt16BigEndian(
            icmp.AsSpan(2), PacketFrame.Checksum([.. addresses, 0, 0, 0, (byte)icmp.Length, 0, 0, 0, Icmp, .. icmp]));

        // One that passed a router is not taken: the last byte but for the addresses.
        byte[] packet = [0x60, 0, 0, 0, 0, (byte)icmp.Length, Icmp, 255, .. addresses, .. icmp];
        return [0x33, 0x33, 0xff, .. target[13..], .. fromMac, 0x86, 0xdd, .. packet];
    }

    /// <summary>The address that a packet says an interface has; null for any other packet.</summary>
    public static IPAddress? Advertised(ReadOnlySpan<byte> packet) =>
        packet.Length >= 64 && packet[0] >> 4 == 6 && packet[6] == Icmp && packet[40] == Advertisement
            ? new IPAddress(packet[48..64]) : null;
}
