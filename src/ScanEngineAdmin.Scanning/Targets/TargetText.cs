using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Text;

namespace ScanEngineAdmin.Scanning.Targets;

/// <summary>One typed target, understood: either ranges of addresses or a host name.</summary>
internal readonly record struct TargetText(IReadOnlyList<AddressRange>? Addresses, string? Name)
{
    private const string Forms =
        "Give an address (10.0.0.1, 2001:db8::1), a range (10.0.0.1-10.0.0.9, 10.0.0.1-9, 10.0-3.0.1-254, 10.0.*.1), "
        + "a block (10.0.0.0/24, 2001:db8::/120) or a host name.";

    /// <exception cref="ScanEngineException">TargetInvalid.</exception>
    public static TargetText Parse(string? typed) => Read(TypedText.Clean(typed), out TargetText target) is { } flaw
        ? throw Invalid($"The target '{TypedText.Shown(typed)}' cannot be used: {flaw.Why}.", flaw, typed)
        : target;

    public static ScanEngineException Invalid(string message, TextFlaw flaw, string? typed) => new(
        FaultCode.TargetInvalid,
        message,
        flaw.Meant is { } meant ? $"Give {meant}." : Forms,
        TypedText.Shown(typed));

    /// <summary>Reads one target that was cleaned (<see cref="TypedText.Clean"/>); null if it is sound.</summary>
    public static TextFlaw? Read(string text, out TargetText target)
    {
        target = default;
        if (text.Length > ScanLimits.MaxTargetBytes)
        {
            return new TextFlaw($"it has {text.Length} characters, and {ScanLimits.MaxTargetBytes} are allowed");
        }

        if (text.Contains(' ', StringComparison.Ordinal))
        {
            return Apart(text.Split(' '));
        }

        TextFlaw? flaw = HostText.Read(text, out HostText host);
        if (flaw is null)
        {
            return ReadHost(host, out target);
        }

        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0 && !text.Contains("://", StringComparison.Ordinal))
        {
            return ReadBlock(text[..slash], text[(slash + 1)..], out target);
        }

        int dash = text.IndexOf('-', StringComparison.Ordinal);
        if (dash > 0 && Address(text[..dash]) is { } first)
        {
            return ReadSpan(first, text[..dash], text[(dash + 1)..], out target);
        }

        TextFlaw? wrong = OctetPattern.Read(text, out IReadOnlyList<AddressRange> ranges);
        target = ranges.Count > 0 ? new TargetText(ranges, null) : default;
        return ranges.Count > 0 ? null : wrong ?? flaw;
    }

    /// <summary>Why nobody can be reached at any address of it; null if somebody may be.</summary>
    public TextFlaw? Unusable() => Addresses is [var range]
        && HostText.Unusable(AddressRange.Address(range.IsV6, range.First)) is { } flaw

        // For another reason, the range has addresses between the two that somebody may have: 0.0.0.0/0.
        && HostText.Unusable(AddressRange.Address(range.IsV6, range.Last)) == flaw
            ? flaw : null;

    /// <summary>A network's mask, or the same turned over as access lists have it.</summary>
    public static bool IsMask(string text) => Address(text) is { AddressFamily: AddressFamily.InterNetwork } address
        && AnyPrefix(address) is > 0 and < 32;

    // One target has no blank: what stands apart in it belongs together in another form.
    private static TextFlaw Apart(string[] words)
    {
        if (words is [var network, var mask] && Address(network) is { AddressFamily: AddressFamily.InterNetwork } start
            && Address(mask) is { } bits && AnyPrefix(bits) is { } prefix)
        {
            UInt128 first = AddressRange.Number(start) & ~(UInt128)(uint.MaxValue >> prefix);
            return new TextFlaw(
                "a network and its mask are written as one block", $"{AddressRange.Address(false, first)}/{prefix}");
        }

        return words is [var from, _, var to] && Address(from) is not null && Address(to) is not null
            ? new TextFlaw("a range is written with a dash", $"{from}-{to}")
            : new TextFlaw("it has a blank inside");
    }

    private static TextFlaw? ReadHost(HostText host, out TargetText target)
    {
        if (host.HasZone)
        {
            target = default;
            return new TextFlaw("a zone cannot stand here, since it is another one on every host");
        }

        target = host.Address is { } address
            ? new TargetText([AddressRange.Of(address)], null)
            : new TargetText(null, host.Name);
        return null;
    }

    private static TextFlaw? ReadBlock(string start, string prefixText, out TargetText target)
    {
        target = default;
        if (HostText.Read(start, out HostText host) is { } flaw)
        {
            return flaw with
            {
                Why = $"before the /, {flaw.Why}",
                Meant = flaw.Meant is null ? null : $"{flaw.Meant}/{prefixText}",
            };
        }

        if (host.HasZone || host.Address is not { } address)
        {
            return new TextFlaw("what stands before the / is not an address");
        }

        bool isV6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        int bits = isV6 ? 128 : 32;
        if (HostText.Number(prefixText, bits) is not { } prefix)
        {
            return !isV6 && Address(prefixText) is { } mask && Prefix(mask) is { } meant
                ? new TextFlaw("what stands after the / is a mask, not a number of bits", $"{start}/{meant}")
                : new TextFlaw($"what stands after the / must be 0 to {bits}");
        }

        UInt128 number = AddressRange.Number(address);
        UInt128 hostBits = bits == prefix ? 0 : UInt128.MaxValue >> (128 - (bits - prefix));
        if ((number & hostBits) != 0)
        {
            string right = $"{AddressRange.Address(isV6, number & ~hostBits)}/{prefix}";
            return new TextFlaw(
                $"the network of that prefix is {right}",
                $"{right} for the whole network, {address} for the one address");
        }

        return Range(isV6, number, number | hostBits, out target);
    }

    private static TextFlaw? ReadSpan(IPAddress first, string start, string end, out TargetText target)
    {
        target = default;
        bool isV6 = first.AddressFamily == AddressFamily.InterNetworkV6;
        UInt128 from = AddressRange.Number(first);
        UInt128 to;
        if (!isV6 && HostText.Number(end, 255) is { } octet)
        {
            to = (from & ~(UInt128)0xFF) | (uint)octet;
        }
        else if (Address(end) is not { } last)
        {
            return EndFlaw(start, end);
        }
        else if (last.AddressFamily != first.AddressFamily)
        {
            return new TextFlaw("one end is IPv4, the other IPv6");
        }
        else
        {
            to = AddressRange.Number(last);
        }

        return to < from
            ? new TextFlaw("its end is below its start", $"{AddressRange.Address(isV6, to)}-{first}")
            : Range(isV6, from, to, out target);
    }

    private static TextFlaw EndFlaw(string start, string end)
    {
        TextFlaw? flaw = HostText.Read(end, out _);
        bool number = end.Length > 0 && end.All(char.IsAsciiDigit);
        return (number, flaw) switch
        {
            (true, _) when end[0] == '0' && HostText.Number(end.TrimStart('0'), 255) is { } plain =>
                new TextFlaw($"its end '{end}' is padded with zeros", $"{start}-{plain}"),
            (true, _) => new TextFlaw($"its end is an address or a number from 0 to 255, and {end} is neither"),
            (false, { } why) when end.Length > 0 => why with
            {
                Why = $"after the -, {why.Why}",
                Meant = why.Meant is null ? null : $"{start}-{why.Meant}",
            },
            _ => new TextFlaw("its end is not an address"),
        };
    }

    private static TextFlaw? Range(bool isV6, UInt128 first, UInt128 last, out TargetText target)
    {
        AddressRange? range = AddressRange.Normal(isV6, first, last);
        target = range is { } whole ? new TargetText([whole], null) : default;
        return range is null
            ? new TextFlaw(
                "it is partly IPv4 written as IPv6 (::ffff:a.b.c.d)", "the IPv4 and the IPv6 part apart")
            : null;
    }

    private static IPAddress? Address(string text) =>
        HostText.Read(text, out HostText host) is null && !host.HasZone ? host.Address : null;

    private static int? AnyPrefix(IPAddress mask) => mask.AddressFamily != AddressFamily.InterNetwork ? null
        : Prefix(mask) ?? Prefix(AddressRange.Address(false, ~AddressRange.Number(mask) & uint.MaxValue));

    private static int? Prefix(IPAddress mask)
    {
        uint bits = (uint)AddressRange.Number(mask);
        int prefix = System.Numerics.BitOperations.LeadingZeroCount(~bits);
        return prefix == 32 || bits << prefix == 0 ? prefix : null;
    }
}
