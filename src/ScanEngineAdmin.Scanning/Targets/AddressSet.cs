using System.Net;

namespace ScanEngineAdmin.Scanning.Targets;

/// <summary>A set of addresses as ranges, ascending and apart; never expanded.</summary>
internal sealed class AddressSet
{
    private readonly List<AddressRange> _ranges;

    public AddressSet(IEnumerable<AddressRange> ranges) => _ranges = AddressRange.Merge(ranges);

    public static AddressSet Empty { get; } = new([]);

    public IReadOnlyList<AddressRange> Ranges => _ranges;

    public UInt128 Count => _ranges.Aggregate(
        UInt128.Zero, static (sum, range) => sum + (range.Last - range.First) + 1);

    public AddressSet With(AddressSet other) => new([.. _ranges, .. other._ranges]);

    public bool Contains(IPAddress address) => Overlap(AddressRange.Of(address)) is not null;

    /// <summary>The first part of the range that is in the set, or null.</summary>
    public AddressRange? Overlap(AddressRange range)
    {
        int at = FirstNotBefore(range);
        return at < _ranges.Count && _ranges[at].IsV6 == range.IsV6 && _ranges[at].First <= range.Last
            ? Cut(_ranges[at], range)
            : null;
    }

    /// <summary>What of this is not in the other.</summary>
    public AddressSet Except(AddressSet other)
    {
        var left = new List<AddressRange>();
        foreach (AddressRange range in _ranges)
        {
            AddressRange? rest = range;
            for (int at = other.FirstNotBefore(range); rest is { } now && at < other._ranges.Count; at++)
            {
                AddressRange taken = other._ranges[at];
                if (taken.IsV6 != now.IsV6 || taken.First > now.Last)
                {
                    break;
                }

                if (taken.First > now.First)
                {
                    left.Add(now with { Last = taken.First - 1 });
                }

                rest = taken.Last < now.Last ? now with { First = taken.Last + 1 } : null;
            }

            if (rest is { } end)
            {
                left.Add(end);
            }
        }

        return new AddressSet(left);
    }

    private static AddressRange Cut(AddressRange range, AddressRange by) => range with
    {
        First = UInt128.Max(range.First, by.First),
        Last = UInt128.Min(range.Last, by.Last),
    };

    /// <summary>The first range that does not end before that one begins.</summary>
    private int FirstNotBefore(AddressRange range)
    {
        int low = 0;
        int high = _ranges.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            AddressRange there = _ranges[middle];
            bool before = there.IsV6 != range.IsV6 ? range.IsV6 : there.Last < range.First;
            (low, high) = before ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
