using System.Net;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Scanning.Targets;

/// <summary>
/// The targets of a scan, numbered and never expanded: IPv4 ascending, IPv6 ascending, then host names as typed. What
/// was typed twice or overlaps counts once. The same texts always give the same numbers: a restarted engine relies on
/// it. A block counts whole, its network and broadcast address included.
/// </summary>
public sealed class TargetList
{
    private readonly List<AddressRange> _ranges;
    private readonly List<string> _names;
    private readonly long[] _starts;

    private TargetList(List<AddressRange> ranges, List<string> names, long[] starts, long addresses)
    {
        _ranges = ranges;
        _names = names;
        _starts = starts;
        AddressCount = addresses;
    }

    public long Count => AddressCount + _names.Count;

    internal long AddressCount { get; }

    internal IReadOnlyList<AddressRange> Ranges => _ranges;

    internal IReadOnlyList<string> Names => _names;

    public string this[long index] => index >= AddressCount && index < Count
        ? _names[(int)(index - AddressCount)]
        : AddressAt(index).ToString();

    public static TargetList Parse(IEnumerable<string> targets)
    {
        ArgumentNullException.ThrowIfNull(targets);
        var ranges = new List<AddressRange>();
        var names = new List<string>();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        int texts = 0;
        foreach (string text in targets)
        {
            if (++texts > ScanLimits.MaxTargetTexts)
            {
                throw TooMany($"more than {ScanLimits.MaxTargetTexts} targets are listed");
            }

            TargetText target = TargetText.Parse(text);
            if (target.Addresses is { } range)
            {
                ranges.Add(range);
            }
            else if (seen.Add(target.Name!))
            {
                names.Add(target.Name!);
            }
        }

        if (texts == 0)
        {
            throw new ScanEngineException(
                FaultCode.TargetInvalid, "No target is given.", "Give at least one, as -Target 10.0.0.0/24.");
        }

        if (names.Count > ScanLimits.MaxNames)
        {
            throw TooMany($"{names.Count} host names are listed and {ScanLimits.MaxNames} are allowed");
        }

        return Number(AddressRange.Merge(ranges), names);
    }

    /// <summary>Of a target that is not a host name.</summary>
    internal IPAddress AddressAt(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, AddressCount);
        int at = Array.BinarySearch(_starts, index);
        at = at < 0 ? ~at - 1 : at;
        AddressRange range = _ranges[at];
        return AddressRange.Address(range.IsV6, range.First + (UInt128)(index - _starts[at]));
    }

    private static TargetList Number(List<AddressRange> ranges, List<string> names)
    {
        long[] starts = new long[ranges.Count];
        long count = 0;
        for (int i = 0; i < ranges.Count; i++)
        {
            starts[i] = count;
            UInt128 beyondFirst = ranges[i].Last - ranges[i].First;
            if (beyondFirst >= (UInt128)ScanLimits.MaxUnits || (count += (long)beyondFirst + 1) > ScanLimits.MaxUnits)
            {
                throw TooMany($"up to {ranges[i]} they are more than {ScanLimits.MaxUnits} addresses");
            }
        }

        return new TargetList(ranges, names, starts, count);
    }

    private static ScanEngineException TooMany(string why) => new(
        FaultCode.TooManyTargets, $"The targets are too many for one scan: {why}.", "Split them over several scans.");
}
