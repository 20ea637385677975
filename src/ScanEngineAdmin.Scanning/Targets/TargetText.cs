using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Scanning.Targets;

/// <summary>One typed target, understood: either addresses or a host name.</summary>
internal readonly record struct TargetText(AddressRange? Addresses, string? Name)
{
    private const string Forms =
        "Give an address (10.0.0.1, 2001:db8::1), a range (10.0.0.1-10.0.0.9 or 10.0.0.1-9), "
        + "a block (10.0.0.0/24, 2001:db8::/120) or a host name.";

    public static TargetText Parse(string? typed)
    {
        string text = typed?.Trim() ?? string.Empty;
        if (text.Length is 0 or > ScanLimits.MaxTargetBytes)
        {
            throw Invalid(text, text.Length == 0 ? "it is empty" : "it is too long");
        }

        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0)
        {
            return new TargetText(Block(text, text[..slash], text[(slash + 1)..]), null);
        }

        if (Address(text) is { } single)
        {
            return new TargetText(AddressRange.Of(single), null);
        }

        int dash = text.IndexOf('-', StringComparison.Ordinal);
        if (dash > 0 && Address(text[..dash]) is { } first && Span(text, first, text[(dash + 1)..]) is { } range)
        {
            return new TargetText(range, null);
        }

        CheckName(text);
        return new TargetText(null, text);
    }

    /// <summary>What was typed, fit to be shown: short and without control characters.</summary>
    public static string Shown(string text)
    {
        var shown = new StringBuilder();
        foreach (char c in text.AsSpan(0, Math.Min(text.Length, 80)))
        {
            shown.Append(char.IsControl(c) || char.IsSurrogate(c) ? '?' : c);
        }

        return text.Length > 80 ? shown.Append("...").ToString() : shown.ToString();
    }

    private static AddressRange Block(string text, string addressText, string prefixText)
    {
        IPAddress address = Address(addressText) ?? throw Invalid(text, "what stands before the / is not an address");
        bool isV6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        int bits = isV6 ? 128 : 32;
        if (Decimal(prefixText, bits) is not { } prefix)
        {
            throw Invalid(text, $"what stands after the / must be 0 to {bits}");
        }

        UInt128 number = AddressRange.Number(address);
        UInt128 hostBits = bits == prefix ? 0 : UInt128.MaxValue >> (128 - (bits - prefix));
        if ((number & hostBits) != 0)
        {
            string right = $"{AddressRange.Address(isV6, number & ~hostBits)}/{prefix}";
            throw Invalid(
                text,
                $"the network of that prefix is {right}",
                $"For the whole network give {right}, for the one address {address}.");
        }

        return AddressRange.Normal(isV6, number, number | hostBits) ?? throw Crosses(text);
    }

    private static AddressRange? Span(string text, IPAddress firstAddress, string end)
    {
        bool isV6 = firstAddress.AddressFamily == AddressFamily.InterNetworkV6;
        UInt128 first = AddressRange.Number(firstAddress);
        UInt128 last;
        if (Address(end) is { } lastAddress)
        {
            if (lastAddress.AddressFamily != firstAddress.AddressFamily)
            {
                throw Invalid(text, "one end is IPv4, the other IPv6");
            }

            last = AddressRange.Number(lastAddress);
        }
        else if (!isV6 && Decimal(end, 255) is { } octet)
        {
            last = (first & ~(UInt128)0xFF) | (uint)octet;
        }
        else if (!isV6 && end.Any(char.IsAsciiLetter))
        {
            // 10.0.0.1-static.example.net is a name that providers give out.
            return null;
        }
        else
        {
            throw Invalid(text, "its end is not an address");
        }

        if (last < first)
        {
            string turned = $"{AddressRange.Address(isV6, last)}-{firstAddress}";
            throw Invalid(text, "its end is below its start", $"Give {turned}.");
        }

        return AddressRange.Normal(isV6, first, last) ?? throw Crosses(text);
    }

    /// <summary>
    /// Stricter than the platform, which takes "1" and octal octets for addresses and drops a zone silently.
    /// </summary>
    private static IPAddress? Address(string text)
    {
        if (text.Contains(':', StringComparison.Ordinal))
        {
            return text.All(c => char.IsAsciiHexDigit(c) || c is ':' or '.')
                && IPAddress.TryParse(text, out IPAddress? v6) && v6.AddressFamily == AddressFamily.InterNetworkV6
                    ? v6 : null;
        }

        string[] octets = text.Split('.');
        if (octets.Length != 4)
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[4];
        for (int i = 0; i < 4; i++)
        {
            if (Decimal(octets[i], 255) is not { } octet)
            {
                return null;
            }

            bytes[i] = (byte)octet;
        }

        return new IPAddress(bytes);
    }

    private static int? Decimal(string text, int max) =>
        text.Length is > 0 and <= 3 && (text.Length == 1 || text[0] != '0')
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value <= max
            ? value
            : null;

    private static void CheckName(string text)
    {
        if (text.Contains(':', StringComparison.Ordinal))
        {
            throw Invalid(text, "it is neither an IPv6 address nor a name (a port or a zone cannot stand here)");
        }

        string[] labels = text.Split('.');
        if (labels[^1].All(char.IsAsciiDigit))
        {
            throw Invalid(text, "an IPv4 address has four numbers from 0 to 255, and no name ends in a number");
        }

        bool sound = text.Length <= 253 && labels.All(label => label.Length is > 0 and <= 63
            && label[0] != '-' && label[^1] != '-' && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'));
        if (!sound)
        {
            throw Invalid(text, "a host name has letters, digits and hyphens between its dots, and no wildcard");
        }
    }

    private static ScanEngineException Crosses(string text) =>
        Invalid(text, "it is partly IPv4 written as IPv6 (::ffff:a.b.c.d)", "Give the IPv4 and the IPv6 part apart.");

    private static ScanEngineException Invalid(string text, string why, string recommendation = Forms) => new(
        FaultCode.TargetInvalid, $"The target '{Shown(text)}' cannot be used: {why}.", recommendation, Shown(text));
}
