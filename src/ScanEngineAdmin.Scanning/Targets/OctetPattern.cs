using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Text;

namespace ScanEngineAdmin.Scanning.Targets;

/// <summary>IPv4 addresses by their numbers: each a number, a range (0-3) or all (*), as 10.0-3.*.1-254.</summary>
internal static class OctetPattern
{
    /// <summary>Reads it; null and no range if the text is no such pattern.</summary>
    public static TextFlaw? Read(string text, out IReadOnlyList<AddressRange> ranges)
    {
        ranges = [];
        string[] parts = text.Split('.');
        if (parts.Length != 4 || text.IndexOfAny(['-', '*']) < 0 || !parts.All(static part => part.Length > 0
            && part.All(static c => char.IsAsciiDigit(c) || c is '-' or '*')))
        {
            return null;
        }

        var octets = new (uint First, uint Last)[4];
        for (int i = 0; i < 4; i++)
        {
            if (ReadPart(parts[i], out octets[i]) is { } flaw)
            {
                return flaw;
            }
        }

        // What ends in whole numbers is one range each, however many addresses it has.
        int whole = 4;
        while (whole > 1 && octets[whole - 1] == (0, 255))
        {
            whole--;
        }

        long count = 1;
        foreach ((uint first, uint last) in octets.Take(whole - 1))
        {
            count *= last - first + 1;
        }

        if (count > ScanLimits.MaxTargetTexts)
        {
            return new TextFlaw($"it stands for {count} ranges, and {ScanLimits.MaxTargetTexts} are allowed");
        }

        ranges = [.. Expand(octets, whole)];
        return null;
    }

    private static TextFlaw? ReadPart(string part, out (uint First, uint Last) octet)
    {
        octet = (0, 255);
        if (part == "*")
        {
            return null;
        }

        if (part.Contains('*', StringComparison.Ordinal))
        {
            return new TextFlaw($"'{part}' is neither a number, a range nor a *");
        }

        string[] ends = part.Split('-');
        if (ends.Length > 2 || ends.Any(static end => end.Length == 0))
        {
            return new TextFlaw($"'{part}' is no range of numbers, as 1-254 is");
        }

        foreach (string end in ends)
        {
            if (HostText.Number(end, 255) is null)
            {
                return new TextFlaw(end.Length > 1 && end[0] == '0'
                    ? $"'{end}' is padded with zeros, which some programs read as octal and reach another host"
                    : $"{end} is more than 255");
            }
        }

        octet = ((uint)HostText.Number(ends[0], 255)!, (uint)HostText.Number(ends[^1], 255)!);
        return octet.Last < octet.First ? new TextFlaw($"the end of '{part}' is below its start") : null;
    }

    private static IEnumerable<AddressRange> Expand((uint First, uint Last)[] octets, int whole)
    {
        int tail = 8 * (4 - whole);
        IEnumerable<uint> heads = [0u];
        foreach ((uint first, uint last) in octets.Take(whole - 1))
        {
            heads = heads.SelectMany(head => Enumerable.Range((int)first, (int)(last - first + 1)),
                static (head, octet) => (head << 8) | (uint)octet);
        }

        (uint from, uint to) = octets[whole - 1];
        uint rest = (uint)((1UL << tail) - 1);
        return heads.Select(head => new AddressRange(
            false, (UInt128)((((head << 8) | from) << tail)), (UInt128)((((head << 8) | to) << tail) | rest)));
    }
}
