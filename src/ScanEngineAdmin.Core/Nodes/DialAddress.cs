using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Text;

namespace ScanEngineAdmin.Core.Nodes;

/// <summary>Where a node can be dialled: what is wrong is said before anything is touched.</summary>
internal static class DialAddress
{
    private const string Forms =
        "Use an IPv4 or IPv6 address without brackets, or a host name; the port is a parameter of its own.";

    /// <summary>The address as it is dialled: without the blanks and unseen characters around what was typed.</summary>
    /// <exception cref="ScanEngineException">AddressInvalid.</exception>
    internal static string Validate(string? address)
    {
        string text = TypedText.Clean(address);
        if ((HostText.Read(text, out HostText host) ?? Unusable(host)) is not { } flaw)
        {
            return text;
        }

        string shown = TypedText.Shown(address);
        throw new ScanEngineException(
            FaultCode.AddressInvalid,
            $"The address '{shown}' cannot be used: {flaw.Why}.",
            flaw.Meant is { } meant ? $"Give {meant}." : Forms,
            shown);
    }

    /// <exception cref="ScanEngineException">PortInvalid.</exception>
    internal static int ValidatePort(int port) => port is >= 1 and <= 65535
        ? port
        : throw new ScanEngineException(
            FaultCode.PortInvalid, $"{port} is not a TCP port.", "Use 1 to 65535.", $"{port}");

    /// <summary>Exactly as it is dialled, as a peer has to say it.</summary>
    internal static bool IsValid(string address) =>
        TypedText.Clean(address) == address && (HostText.Read(address, out HostText host) ?? Unusable(host)) is null;

    private static TextFlaw? Unusable(HostText host)
    {
        if (host.Address is not { } address)
        {
            return null;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
        {
            return new TextFlaw("it stands for every address of a host, and nobody can be dialled there");
        }

        if (address.Equals(IPAddress.Broadcast))
        {
            return new TextFlaw("it is the broadcast address, and no host has it");
        }

        bool multicast = address.AddressFamily == AddressFamily.InterNetworkV6
            ? address.IsIPv6Multicast
            : address.GetAddressBytes()[0] is >= 224 and <= 239;
        return multicast ? new TextFlaw("it is a multicast address, and no host has it") : null;
    }
}
