using System.Net;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Core.Nodes;

/// <summary>Where a node can be dialled: what is wrong is said before anything is touched.</summary>
internal static class DialAddress
{
    /// <exception cref="ScanEngineException">AddressInvalid.</exception>
    internal static string Validate(string? address) => address is not null && IsValid(address)
        ? address
        : throw new ScanEngineException(
            FaultCode.AddressInvalid,
            $"'{address}' is neither an address nor a host name.",
            "Use an IPv4 or IPv6 address without brackets, or a host name; the port goes into -Port.",
            address);

    /// <exception cref="ScanEngineException">PortInvalid.</exception>
    internal static int ValidatePort(int port) => port is >= 1 and <= 65535
        ? port
        : throw new ScanEngineException(
            FaultCode.PortInvalid, $"{port} is not a TCP port.", "Use 1 to 65535.", $"{port}");

    internal static bool IsValid(string address)
    {
        if (address.Contains(':', StringComparison.Ordinal))
        {
            return address[0] != '[' && IPAddress.TryParse(address, out _);
        }

        string name = address.EndsWith('.') ? address[..^1] : address;
        string[] labels = name.Split('.');

        // A last label of digits is an address or a typing error, never a name (RFC 3696): 10.0.0.256, 10.1.
        return labels[^1].All(char.IsAsciiDigit)
            ? labels.Length == 4 && labels.All(IsOctet)
            : name.Length <= 253 && labels.All(IsLabel);
    }

    private static bool IsOctet(string text) =>
        text.Length is >= 1 and <= 3 && text.All(char.IsAsciiDigit) && int.Parse(text, null) <= 255;

    private static bool IsLabel(string label) => label.Length is >= 1 and <= 63
        && label[0] != '-' && label[^1] != '-'
        && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
}
