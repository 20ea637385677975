using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace ScanEngineAdmin.Scanning.Targets;

/// <summary>
/// Addresses from first to last of one family. An IPv4 address written as IPv6 (::ffff:a.b.c.d) is an IPv4 address
/// here, so that a rule about the one cannot be walked around by writing the other.
/// </summary>
internal readonly record struct AddressRange(bool IsV6, UInt128 First, UInt128 Last) : IComparable<AddressRange>
{
    private static readonly UInt128 MappedFirst = (UInt128)0xFFFF << 32;
    private static readonly UInt128 MappedLast = MappedFirst + uint.MaxValue;

    public static AddressRange Of(IPAddress address)
    {
        UInt128 number = Number(address);
        return Normal(address.AddressFamily == AddressFamily.InterNetworkV6, number, number)!.Value;
    }

    /// <summary>Null when the range is partly IPv4-mapped: it has no single meaning.</summary>
    public static AddressRange? Normal(bool isV6, UInt128 first, UInt128 last)
    {
        if (!isV6 || last < MappedFirst || first > MappedLast || (first < MappedFirst && last > MappedLast))
        {
            return new AddressRange(isV6, first, last);
        }

        return first >= MappedFirst && last <= MappedLast
            ? new AddressRange(false, first - MappedFirst, last - MappedFirst)
            : null;
    }

    public static UInt128 Number(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        int length = address.AddressFamily == AddressFamily.InterNetworkV6 ? 16 : 4;
        address.TryWriteBytes(bytes[(16 - length)..], out _);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    public static IPAddress Address(bool isV6, UInt128 number)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, number);
        return new IPAddress(isV6 ? bytes : bytes[12..]);
    }

    /// <summary>Ascending, IPv4 first, without overlap; neighbours become one.</summary>
    public static List<AddressRange> Merge(IEnumerable<AddressRange> ranges)
    {
        var merged = new List<AddressRange>();
        foreach (AddressRange next in ranges.Order())
        {
            if (merged.Count > 0 && merged[^1] is var last && last.IsV6 == next.IsV6
                && (next.First <= last.Last || next.First - last.Last == 1))
            {
                merged[^1] = last with { Last = UInt128.Max(last.Last, next.Last) };
            }
            else
            {
                merged.Add(next);
            }
        }

        return merged;
    }

    public bool Contains(AddressRange other) => IsV6 == other.IsV6 && First <= other.First && other.Last <= Last;

    public int CompareTo(AddressRange other)
    {
        int family = IsV6.CompareTo(other.IsV6);
        return family != 0 ? family : First.CompareTo(other.First);
    }

    public override string ToString() => First == Last
        ? Address(IsV6, First).ToString()
        : $"{Address(IsV6, First)}-{Address(IsV6, Last)}";
}
