using System.Net;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Text;

namespace ScanEngineAdmin.Core.Nodes;

/// <summary>Where a node listens, as typed: an address of this host, or one that stands for all of them.</summary>
internal static class ListenAddress
{
    /// <exception cref="ScanEngineException">AddressInvalid.</exception>
    public static IPAddress Read(string? typed)
    {
        string text = TypedText.Clean(typed);
        switch (text)
        {
            case "*":
                return IPAddress.IPv6Any;
            case "localhost":
                return IPAddress.Loopback;
        }

        TextFlaw? flaw = HostText.Read(text, out HostText host);
        if (flaw is null && host.Address is { } address)
        {
            return address;
        }

        string shown = TypedText.Shown(typed);
        throw new ScanEngineException(
            FaultCode.AddressInvalid,
            $"'{shown}' is no address of this host to listen at: {flaw?.Why ?? "it is a name"}.",
            flaw?.Meant is { } meant
                ? $"Give {meant}."
                : "Give an IP address of this host, '::' for all, or '0.0.0.0' for all IPv4 addresses.",
            shown);
    }
}
