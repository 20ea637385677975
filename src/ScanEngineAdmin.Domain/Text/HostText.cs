using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Domain.Text;

/// <summary>
/// One host as typed: an address or a name. Stricter than the platform, which takes "1" and octal numbers for IPv4
/// addresses and so reaches another host than the one that was meant; and as lenient as the world's name servers, which
/// know names with an underscore.
/// </summary>
/// <param name="Address">Its address, if it is one.</param>
/// <param name="Name">Else its name.</param>
/// <param name="HasZone">Whether an interface is named with it (fe80::1%eth0): it is another one on every host.</param>
internal readonly record struct HostText(IPAddress? Address, string? Name, bool HasZone = false)
{
    private const int LongestName = 253;
    private const int LongestLabel = 63;

    /// <summary>Reads a text that was cleaned (<see cref="TypedText.Clean"/>); null if it is sound.</summary>
    public static TextFlaw? Read(string text, out HostText host)
    {
        host = default;
        if (text.Length == 0)
        {
            return new TextFlaw("it is empty");
        }

        if (TypedText.FirstUnseen(text) is { } unseen)
        {
            return new TextFlaw($"it has a character inside that cannot be seen, {unseen}");
        }

        if (text.Contains(' ', StringComparison.Ordinal))
        {
            return new TextFlaw("it has a blank inside");
        }

        if (Wrapped(text) is { } wrapped)
        {
            return wrapped;
        }

        if (text.Contains(':', StringComparison.Ordinal))
        {
            return ReadV6(text, out host);
        }

        return text.All(static c => char.IsAsciiDigit(c) || c == '.')
            ? ReadV4(text, out host)
            : ReadName(text, out host);
    }

    /// <summary>Why nobody can be reached at that address, whoever tries; null if somebody may be.</summary>
    public static TextFlaw? Unusable(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        address = PlainAddress.Of(address);
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

    /// <summary>A decimal number as people write it, without zeros before it; null if it is none.</summary>
    public static int? Number(string text, int most) =>
        text.Length is > 0 and <= 3 && (text.Length == 1 || text[0] != '0')
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value <= most
            ? value
            : null;

    // What stands around a host in a URL, a configuration file or a list of blocks.
    private static TextFlaw? Wrapped(string text)
    {
        int scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme >= 0)
        {
            string rest = text[(scheme + 3)..];
            string inside = rest.Split('/', '?', '#')[0];
            inside = inside[(inside.LastIndexOf('@') + 1)..];
            return new TextFlaw("it is a URL, not a host", Sound(WithoutPort(inside)));
        }

        if (text[0] == '[')
        {
            return new TextFlaw("the brackets belong to URLs", Sound(WithoutPort(text)));
        }

        return text.Contains('/', StringComparison.Ordinal)
            ? new TextFlaw("a / cannot stand in the name or address of one host")
            : null;
    }

    private static TextFlaw? ReadV6(string text, out HostText host)
    {
        host = default;
        int zone = text.IndexOf('%', StringComparison.Ordinal);
        string bare = zone < 0 ? text : text[..zone];
        bool looks = bare.All(static c => char.IsAsciiHexDigit(c) || c is ':' or '.');

        // The part in IPv4's form has its rules.
        string v4 = bare[(bare.LastIndexOf(':') + 1)..];
        if (looks && v4.Contains('.', StringComparison.Ordinal) && ReadV4(v4, out _) is { } flaw)
        {
            return flaw with { Meant = flaw.Meant is null ? null : bare[..^v4.Length] + flaw.Meant };
        }

        if (looks && IPAddress.TryParse(text, out IPAddress? address)
            && address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            host = new HostText(address, null, zone >= 0);
            return null;
        }

        string[] parts = text.Split(':');
        return parts.Length == 2 && parts[1].All(char.IsAsciiDigit)
            ? new TextFlaw("a port cannot stand here", Sound(parts[0]))
            : new TextFlaw("it is neither an IPv6 address nor a name");
    }

    private static TextFlaw? ReadV4(string text, out HostText host)
    {
        host = default;
        string[] numbers = text.Split('.');
        if (numbers.Length == 1)
        {
            return new TextFlaw("it is a number, and neither an address nor a name");
        }

        if (numbers.Any(static number => number.Length == 0))
        {
            return new TextFlaw("a number is missing beside a dot");
        }

        if (numbers.Length != 4)
        {
            return new TextFlaw($"an IPv4 address has four numbers, and this has {numbers.Length}");
        }

        if (numbers.FirstOrDefault(static number => number.Length > 1 && number[0] == '0') is { } padded)
        {
            string plain = string.Join('.', numbers.Select(
                static number => number.TrimStart('0') is { Length: > 0 } rest ? rest : "0"));
            return new TextFlaw(
                $"'{padded}' is padded with zeros, which some programs read as octal and reach another host",
                Sound(plain));
        }

        if (numbers.FirstOrDefault(static number => Number(number, 255) is null) is { } large)
        {
            return new TextFlaw($"{large} is more than 255");
        }

        host = new HostText(new IPAddress([.. numbers.Select(static number => (byte)Number(number, 255)!)]), null);
        return null;
    }

    private static TextFlaw? ReadName(string text, out HostText host)
    {
        host = default;

        // A dot at the end says that no domain is to be put behind it.
        string name = text.EndsWith('.') ? text[..^1] : text;
        string[] labels = name.Split('.');
        if (text.Any(static c => c > 127))
        {
            return new TextFlaw("a name of other letters than a to z is written in its xn-- form", Ascii(text));
        }

        if (labels.Length == 4 && labels.All(static label => label.Length > 0
            && label.All(static c => char.IsAsciiDigit(c) || c is '-' or '*')))
        {
            return new TextFlaw("it is a range of addresses, not one host");
        }

        if (text.IndexOfAny(['*', '?']) >= 0)
        {
            return new TextFlaw("the name of a host has no wildcard");
        }

        if (labels.Any(static label => label.Length == 0))
        {
            return new TextFlaw("a part of the name is missing beside a dot");
        }

        // The system's resolver takes 0x7f000001 for 127.0.0.1.
        if (labels[^1].All(char.IsAsciiDigit)
            || (labels[^1].StartsWith("0x", StringComparison.OrdinalIgnoreCase)
                && labels[^1][2..].All(char.IsAsciiHexDigit)))
        {
            return new TextFlaw("no name ends in a number, and an IPv4 address is four numbers from 0 to 255");
        }

        foreach (string label in labels)
        {
            if (label.FirstOrDefault(static c => !char.IsAsciiLetterOrDigit(c) && c is not '-' and not '_') is var bad
                && bad != '\0')
            {
                return new TextFlaw($"'{bad}' cannot stand in the name of a host");
            }

            if (label[0] == '-' || label[^1] == '-')
            {
                return new TextFlaw($"'{label}' begins or ends with a hyphen, as no part of a name does");
            }

            if (label.Length > LongestLabel)
            {
                return new TextFlaw($"a part of it has {label.Length} characters, and {LongestLabel} are allowed");
            }
        }

        if (name.Length > LongestName)
        {
            return new TextFlaw($"it has {name.Length} characters, and {LongestName} are allowed");
        }

        host = new HostText(null, text);
        return null;
    }

    private static string WithoutPort(string text)
    {
        if (text.StartsWith('['))
        {
            return text[1..].Split(']')[0];
        }

        string[] parts = text.Split(':');
        return parts.Length == 2 ? parts[0] : text;
    }

    /// <summary>Nothing is proposed that would be refused as well.</summary>
    private static string? Sound(string text) => text.Length > 0 && Read(text, out _) is null ? text : null;

    private static string? Ascii(string text)
    {
        try
        {
            return Sound(new IdnMapping().GetAscii(text));
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
