using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>Sockets inside, by system calls: the runtime's own would start threads for them.</summary>
internal static class InnerSocket
{
    private const int InProgress = 115;

    /// <summary>Listens on all addresses of a port, of both families where the system has both.</summary>
    public static bool Listen(int socket, bool v4, int port)
    {
        _ = LinuxCalls.SetOption(socket, 1, 2, BitConverter.GetBytes(1), 4);
        byte[] address = Address(new IPEndPoint(v4 ? IPAddress.Any : IPAddress.IPv6Any, port));
        return LinuxCalls.Bind(socket, address, (uint)address.Length) == 0 && LinuxCalls.Listen(socket, 64) == 0;
    }

    /// <summary>Accepts and closes each connection that waits at a listening socket.</summary>
    /// <returns>Whether there was one.</returns>
    public static bool TakeAll(int socket)
    {
        bool any = false;
        while (LinuxCalls.Accept(socket, 0, 0, LinuxCalls.NonBlocking | LinuxCalls.CloseOnExec) is >= 0 and var taken)
        {
            any = true;
            _ = LinuxCalls.Close(taken);
        }

        return any;
    }

    /// <summary>Begins a connection; 0 when it is under way, else the error's number.</summary>
    public static int Connect(int socket, IPEndPoint to, int from = 0)
    {
        if (from > 0)
        {
            byte[] own = Address(new IPEndPoint(
                to.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, from));
            _ = LinuxCalls.Bind(socket, own, (uint)own.Length);
        }

        byte[] address = Address(to);
        if (LinuxCalls.Connect(socket, address, (uint)address.Length) == 0)
        {
            return 0;
        }

        int fault = Marshal.GetLastSystemError();
        return fault == InProgress ? 0 : fault;
    }

    /// <summary>How it stands: null while it is under way, 0 when it is connected, else the error's number.</summary>
    public static int? State(int socket, int milliseconds)
    {
        if (!IsReady(socket, LinuxCalls.ReadyToWrite, milliseconds))
        {
            return null;
        }

        byte[] fault = new byte[4];
        uint length = 4;
        return LinuxCalls.GetOption(socket, 1, 4, fault, ref length) == 0 ? BitConverter.ToInt32(fault) : null;
    }

    public static bool IsReady(int socket, short wanted, int milliseconds)
    {
        var waiting = new LinuxCalls.Waiting { Descriptor = socket, Wanted = wanted };
        return LinuxCalls.Poll(ref waiting, 1, milliseconds) > 0;
    }

    private static byte[] Address(IPEndPoint point)
    {
        bool v4 = point.AddressFamily == AddressFamily.InterNetwork;
        byte[] address = new byte[v4 ? 16 : 28];
        BinaryPrimitives.WriteInt16LittleEndian(address, (short)(v4 ? LinuxCalls.Inet : LinuxCalls.Inet6));
        BinaryPrimitives.WriteUInt16BigEndian(address.AsSpan(2), (ushort)point.Port);
        point.Address.GetAddressBytes().CopyTo(address, v4 ? 4 : 8);
        if (!v4 && point.Address.IsIPv6LinkLocal)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(address.AsSpan(24), (uint)point.Address.ScopeId);
        }

        return address;
    }
}
