using System.Net;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Scanning.Targets;

/// <summary>
/// The targets of a scan, numbered and never expanded: IPv4 ascending, IPv6 ascending, then host names as typed. What
/// was typed twice or overlaps counts once, what is excluded does not count. The same texts always give the same
/// numbers: a restarted engine relies on it. A block counts whole, its network and broadcast address included.
/// </summary>
internal sealed class TargetList
{
    private readonly IReadOnlyList<AddressRange> _ranges;
    private readonly List<string> _names;
    private readonly long[] _starts;
    private Dictionary<string, long>? _numbers;

    private TargetList(IReadOnlyList<AddressRange> ranges, List<string> names, long[] starts, long addresses)
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

    /// <summary>The same targets as one text each, in their order and without what is excluded.</summary>
    internal IReadOnlyList<string> Texts => [.. _ranges.Select(static range => range.ToString()), .. _names];

    public string this[long index] => index >= AddressCount && index < Count
        ? _names[(int)(index - AddressCount)]
        : AddressAt(index).ToString();

    /// <summary>Each text is one target or a list of them; comments and blank lines are passed over.</summary>
    /// <exception cref="ScanEngineException">TargetInvalid, TooManyTargets.</exception>
    public static TargetList Parse(IEnumerable<string> targets, Exclusions? exclusions = null)
    {
        List<(string Text, TargetText Target)> read = TargetReader.Read(targets);
        exclusions ??= Exclusions.None;
        if (read.Count == 0)
        {
            throw new ScanEngineException(
                FaultCode.TargetInvalid, "No target is given.", "Give at least one, as -Target 10.0.0.0/24.");
        }

        var names = new List<string>();
        var seen = new HashSet<string>(exclusions.Names, StringComparer.OrdinalIgnoreCase);
        foreach (TargetText target in read.Select(static one => one.Target))
        {
            if (target.Name is { } name && seen.Add(name))
            {
                names.Add(name);
            }
        }

        if (names.Count > ScanLimits.MaxNames)
        {
            throw TargetReader.TooMany(
                $"{names.Count} host names are listed and {ScanLimits.MaxNames} are allowed");
        }

        var addresses = new AddressSet(read.SelectMany(static one => one.Target.Addresses ?? []));
        TargetList list = Number(addresses.Except(exclusions.Addresses).Ranges, names);
        return list.Count > 0 ? list : throw new ScanEngineException(
            FaultCode.TargetInvalid,
            "The exclusions leave nothing to scan.",
            "Exclude less, or give further targets.");
    }

    /// <summary>Some of them in a row, as one text each; read again they have the same order.</summary>
    internal IReadOnlyList<string> Slice(long first, long count)
    {
        var texts = new List<string>();
        long end = Math.Min(first + count, Count);
        for (int i = 0; i < _ranges.Count; i++)
        {
            AddressRange range = _ranges[i];
            long next = i + 1 < _ranges.Count ? _starts[i + 1] : AddressCount;
            long from = Math.Max(first, _starts[i]);
            long to = Math.Min(end, next);
            if (from < to)
            {
                texts.Add(new AddressRange(
                    range.IsV6,
                    range.First + (UInt128)(from - _starts[i]),
                    range.First + (UInt128)(to - 1 - _starts[i])).ToString());
            }
        }

        for (long name = Math.Max(first, AddressCount); name < end; name++)
        {
            texts.Add(_names[(int)(name - AddressCount)]);
        }

        return texts;
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

    /// <summary>The number that a target of another list has in this one; null where it is none of these.</summary>
    internal long? Find(TargetList other, long index)
    {
        if (index >= other.AddressCount)
        {
            _numbers ??= _names.Select(static (name, at) => (name, at)).ToDictionary(
                static one => one.name, one => AddressCount + one.at, StringComparer.OrdinalIgnoreCase);
            return _numbers.TryGetValue(other[index], out long number) ? number : null;
        }

        var address = AddressRange.Of(other.AddressAt(index));
        int low = 0;
        int high = _ranges.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = _ranges[middle].CompareTo(address) > 0 ? (low, middle) : (middle + 1, high);
        }

        return low > 0 && _ranges[low - 1].Contains(address)
            ? _starts[low - 1] + (long)(address.First - _ranges[low - 1].First)
            : null;
    }

    private static TargetList Number(IReadOnlyList<AddressRange> ranges, List<string> names)
    {
        if (ranges.Count + names.Count > ScanLimits.MaxTargetTexts)
        {
            throw TargetReader.TooMany(
                $"they are {ranges.Count} ranges and {names.Count} host names, "
                + $"and {ScanLimits.MaxTargetTexts} of both are allowed");
        }

        long[] starts = new long[ranges.Count];
        long count = 0;
        for (int i = 0; i < ranges.Count; i++)
        {
            starts[i] = count;
            UInt128 beyondFirst = ranges[i].Last - ranges[i].First;
            if (beyondFirst >= (UInt128)ScanLimits.MaxUnits || (count += (long)beyondFirst + 1) > ScanLimits.MaxUnits)
            {
                throw TargetReader.TooMany(
                    $"up to {ranges[i]} they are more than {ScanLimits.MaxUnits} addresses");
            }
        }

        return new TargetList(ranges, names, starts, count);
    }
}
