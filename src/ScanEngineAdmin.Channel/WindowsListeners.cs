using System.Buffers.Binary;
using System.Net;
using System.Net.NetworkInformation;
using System.Runtime.InteropServices;

namespace ScanEngineAdmin.Channel;

/// <summary>Windows' tables of the TCP sockets that listen, with their processes: every user may read them.</summary>
public static class WindowsListeners
{
    private const int IPv4 = 2;
    private const int IPv6 = 23;
    private const int ListenersWithOwner = 3;
    private const int TooSmall = 122;

    // The table may grow between the question for its length and the one for its content.
    private const int Attempts = 5;

    /// <summary>Those on a port, on whichever address.</summary>
    /// <exception cref="NetworkInformationException">The system does not answer.</exception>
    public static IReadOnlyList<(IPEndPoint EndPoint, int ProcessId)> On(int port) =>
        [.. Parse(Read(IPv4), false).Concat(Parse(Read(IPv6), true)).Where(one => one.EndPoint.Port == port)];

    /// <summary>The rows of MIB_TCPTABLE_OWNER_PID or MIB_TCP6TABLE_OWNER_PID.</summary>
    internal static IEnumerable<(IPEndPoint EndPoint, int ProcessId)> Parse(byte[] table, bool ipv6)
    {
        int row = ipv6 ? 56 : 24;
        int addressAt = ipv6 ? 0 : 4;
        int portAt = ipv6 ? 20 : 8;
        int length = ipv6 ? 16 : 4;
        int rows = table.Length < sizeof(int) ? 0 : BinaryPrimitives.ReadInt32LittleEndian(table);
        for (int i = 0; i < rows && sizeof(int) + ((i + 1) * row) <= table.Length; i++)
        {
            byte[] one = table[(sizeof(int) + (i * row))..(sizeof(int) + ((i + 1) * row))];
            yield return (
                new IPEndPoint(
                    new IPAddress(one.AsSpan(addressAt, length)),
                    BinaryPrimitives.ReadUInt16BigEndian(one.AsSpan(portAt))),
                BinaryPrimitives.ReadInt32LittleEndian(one.AsSpan(row - sizeof(int))));
        }
    }

    private static byte[] Read(int family)
    {
        byte[] table = [];
        int error = TooSmall;
        for (int attempt = 0; attempt < Attempts && error == TooSmall; attempt++)
        {
            int size = table.Length;
            error = GetExtendedTcpTable(table, ref size, false, family, ListenersWithOwner, 0);
            table = error == TooSmall ? new byte[size] : table;
        }

        return error == 0 ? table : throw new NetworkInformationException(error);
    }

#pragma warning disable SYSLIB1054 // Generated code would need unsafe blocks.
    [DllImport("iphlpapi.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int GetExtendedTcpTable(
        [Out] byte[] table, ref int size, bool order, int family, int kind, int reserved);
#pragma warning restore SYSLIB1054
}
