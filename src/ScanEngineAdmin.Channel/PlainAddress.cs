using System.Net;

namespace ScanEngineAdmin.Channel;

/// <summary>An IPv4 address that a socket of both families shows as IPv6 is the IPv4 address.</summary>
public static class PlainAddress
{
    public static IPAddress Of(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }

    public static IPEndPoint Of(IPEndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        return new(Of(endPoint.Address), endPoint.Port);
    }
}
