using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace ScanEngineAdmin.Channel.Handshake;

/// <summary>Binds a listening socket, or says in words why not.</summary>
internal static class ListenerSocket
{
    // The kernel's queue holds a storm while the accept loop takes it in; the system's own limit caps this.
    private const int Backlog = 4096;

    public static Socket Bind(IPEndPoint endPoint)
    {
        bool everything = endPoint.Address.Equals(IPAddress.IPv6Any);
        IPEndPoint bound = everything && !Socket.OSSupportsIPv6
            ? new IPEndPoint(IPAddress.Any, endPoint.Port)
            : endPoint;
        Socket? socket = null;
        try
        {
            socket = new Socket(bound.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (OperatingSystem.IsWindows())
            {
                // Without it another process could bind the same port there and take the connections.
                socket.ExclusiveAddressUse = true;
            }

            if (bound.Address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(bound);
            socket.Listen(Backlog);
            return socket;
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            throw Explain(endPoint, e);
        }
    }

    // Windows calls a port that another program holds for itself alone a lack of rights.
    private static bool IsHeldOnWindows(IPEndPoint endPoint, SocketException cause) =>
        OperatingSystem.IsWindows() && cause.SocketErrorCode == SocketError.AccessDenied
        && IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Any(at => at.Port == endPoint.Port);

    private static ChannelException Explain(IPEndPoint endPoint, SocketException cause)
    {
        if (cause.SocketErrorCode == SocketError.AddressAlreadyInUse || IsHeldOnWindows(endPoint, cause))
        {
            string owner = PortOwner.Find(endPoint.Port) ?? "another process";
            return new ChannelException(
                ChannelFault.PortInUse,
                ChannelStage.Bind,
                endPoint.ToString(),
                $"Cannot listen on {endPoint}: the port is held by {owner}.",
                cause);
        }

        string why = cause.SocketErrorCode switch
        {
            SocketError.AddressNotAvailable => "the address is not one of this host's",
            SocketError.AccessDenied => OperatingSystem.IsWindows()
                ? "the system does not allow this account to bind it, or keeps the port for itself "
                    + "(netsh int ipv4 show excludedportrange tcp)"
                : "the system does not allow this account to bind it",
            _ => cause.Message,
        };
        return new ChannelException(
            ChannelFault.AddressNotAvailable,
            ChannelStage.Bind,
            endPoint.ToString(),
            $"Cannot listen on {endPoint}: {why}.",
            cause);
    }
}
