using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Core.Nodes;

/// <summary>An address as limits see it: whoever has one IPv6 address has its whole /64.</summary>
internal static class RemoteGroup
{
    public static IPAddress Of(IPAddress address)
    {
        IPAddress plain = PlainAddress.Of(address);
        if (plain.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return plain;
        }

        byte[] bytes = plain.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}
