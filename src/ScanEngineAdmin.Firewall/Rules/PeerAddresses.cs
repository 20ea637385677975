using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Numerics;

namespace ScanEngineAdmin.Firewall.Rules;

/// <summary>Brings a peer, as a provider shows it, into the one form in which peers are compared.</summary>
internal static class PeerAddresses
{
    /// <summary>Null when it stands for everything.</summary>
    public static string? Plain(string text)
    {
        string[] parts = text.Split('/');
        if (!IPAddress.TryParse(parts[0], out IPAddress? address))
        {
            return text is "any" or "Any" or "Anywhere" ? null : text;
        }

        string full = address.AddressFamily == AddressFamily.InterNetwork ? "32" : "128";
        string length = parts.Length == 1 ? full : Length(parts[1]);
        return length == full ? address.ToString() : length == "0" ? null : $"{address}/{length}";
    }

    /// <summary>One address of a peer or of a block.</summary>
    public static IPAddress Sample(string text)
    {
        string[] parts = text.Split('/');
        byte[] bytes = IPAddress.Parse(parts[0]).GetAddressBytes();

        // Not the block's own address, which no host of a network has.
        bytes[^1] |= (byte)(parts.Length == 1 ? 0 : 1);
        return new IPAddress(bytes);
    }

    public static RuleFamily? FamilyOf(string text) => IPAddress.TryParse(text.Split('/')[0], out IPAddress? address)
        ? address.AddressFamily == AddressFamily.InterNetwork ? RuleFamily.IPv4 : RuleFamily.IPv6
        : null;

    /// <summary>Whether a rule for these peers can meet one of those; none means any.</summary>
    public static bool Meets(IReadOnlyList<string> some, IReadOnlyList<string> others) =>
        some.Count == 0 || others.Count == 0 || some.Any(one => others.Any(other => Meets(one, other)));

    private static bool Meets(string one, string other) =>
        one == other
        || (Network(one) is not { } a || Network(other) is not { } b
            || a.Contains(b.BaseAddress) || b.Contains(a.BaseAddress));

    // Windows says masks.
    private static string Length(string text) => text.Contains('.', StringComparison.Ordinal)
        && IPAddress.TryParse(text, out IPAddress? mask) && mask.AddressFamily == AddressFamily.InterNetwork
            ? mask.GetAddressBytes().Sum(static part => BitOperations.PopCount(part))
                .ToString(CultureInfo.InvariantCulture)
            : text;

    // What cannot be read might meet anything.
    private static IPNetwork? Network(string text)
    {
        string full = text.Contains('/', StringComparison.Ordinal)
            ? text
            : text + (text.Contains(':', StringComparison.Ordinal) ? "/128" : "/32");
        return IPNetwork.TryParse(full, out IPNetwork network) ? network : null;
    }
}
