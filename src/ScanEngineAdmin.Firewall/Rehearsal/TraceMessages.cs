using System.Buffers.Binary;
using System.Text;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>Reads the trace messages of nftables out of a netlink buffer.</summary>
internal static class TraceMessages
{
    private const int TraceMessage = (10 << 8) | 17;
    private const int Policy = 1;

    public static IEnumerable<TraceStep> Read(byte[] buffer, int length)
    {
        int at = 0;
        while (at + 20 <= length)
        {
            int size = BitConverter.ToInt32(buffer, at);
            if (size < 20 || at + size > length)
            {
                yield break;
            }

            if (BitConverter.ToUInt16(buffer, at + 4) == TraceMessage)
            {
                yield return Step(buffer.AsSpan(at + 20, size - 20), buffer[at + 16]);
            }

            at += (size + 3) & ~3;
        }
    }

    private static TraceStep Step(ReadOnlySpan<byte> attributes, byte family)
    {
        string table = string.Empty;
        string chain = string.Empty;
        long handle = 0;
        int verdict = (int)TraceVerdict.Continue;
        int policy = verdict;
        int type = 0;
        int port = 0;
        uint packet = 0;
        foreach ((int kind, int start, int size) in Attributes(attributes))
        {
            ReadOnlySpan<byte> value = attributes.Slice(start, size);
            switch (kind)
            {
                case 1:
                    table = Text(value);
                    break;
                case 2:
                    chain = Text(value);
                    break;
                case 3:
                    handle = BinaryPrimitives.ReadInt64BigEndian(value);
                    break;
                case 4:
                    type = BinaryPrimitives.ReadInt32BigEndian(value);
                    break;
                case 5:
                    foreach ((int inner, int from, int long_) in Attributes(value))
                    {
                        verdict = inner == 1 ? BinaryPrimitives.ReadInt32BigEndian(value.Slice(from, long_)) : verdict;
                    }

                    break;
                case 6 when size >= 4:
                    packet = BinaryPrimitives.ReadUInt32BigEndian(value);
                    break;
                case 9 when size >= 4:
                    port = BinaryPrimitives.ReadUInt16BigEndian(value[2..]);
                    break;
                case 16:
                    policy = BinaryPrimitives.ReadInt32BigEndian(value);
                    break;
                default:
                    break;
            }
        }

        return new TraceStep(
            Name(family), table, chain, type == Policy ? 0 : handle, (TraceVerdict)(type == Policy ? policy : verdict),
            port)
        { Packet = packet };
    }

    private static List<(int Kind, int Start, int Size)> Attributes(ReadOnlySpan<byte> bytes)
    {
        var found = new List<(int, int, int)>();
        int at = 0;
        while (at + 4 <= bytes.Length)
        {
            int size = BitConverter.ToUInt16(bytes[at..]);
            if (size < 4 || at + size > bytes.Length)
            {
                break;
            }

            found.Add((BitConverter.ToUInt16(bytes[(at + 2)..]) & 0x3fff, at + 4, size - 4));
            at += (size + 3) & ~3;
        }

        return found;
    }

    private static string Text(ReadOnlySpan<byte> value) => Encoding.UTF8.GetString(value).TrimEnd('\0');

    private static string Name(byte family) => family switch
    {
        1 => "inet",
        2 => "ip",
        5 => "netdev",
        7 => "bridge",
        10 => "ip6",
        _ => FormattableString.Invariant($"family{family}"),
    };
}
