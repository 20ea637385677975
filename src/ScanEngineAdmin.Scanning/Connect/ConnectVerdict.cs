using System.Net.Sockets;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Scanning.Connect;

/// <summary>What the outcome of a connection attempt says about the port, or about this host.</summary>
internal static class ConnectVerdict
{
    /// <summary>
    /// This host ran out of something: it says nothing about the target, and must never be told as an answer.
    /// </summary>
    public static bool IsLocalShortage(SocketError error) => error
        is SocketError.TooManyOpenSockets
        or SocketError.NoBufferSpaceAvailable
        or SocketError.AddressNotAvailable
        or SocketError.AddressAlreadyInUse
        or SocketError.AddressFamilyNotSupported
        or SocketError.ProcessLimit;

    public static PortState State(SocketError error) => error switch
    {
        SocketError.Success => PortState.Open,
        SocketError.ConnectionRefused or SocketError.ConnectionReset => PortState.Closed,
        _ => PortState.Filtered,
    };
}
