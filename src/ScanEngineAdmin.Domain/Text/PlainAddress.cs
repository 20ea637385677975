using System.Net;

namespace ScanEngineAdmin.Domain.Text;

/// <summary>An IPv4 address that a socket of both families shows as IPv6 is the IPv4 address.</summary>
internal static class PlainAddress
{
    public static IPAddress Of(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
