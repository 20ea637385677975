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

    private static TextFlaw? Unusable(HostText host) =>
        host.Address is { } address ? HostText.Unusable(address) : null;
}
