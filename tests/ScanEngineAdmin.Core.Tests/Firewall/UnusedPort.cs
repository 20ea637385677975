using System.Net;
using System.Net.Sockets;

namespace ScanEngineAdmin.Core.Tests.Firewall;

/// <summary>
/// A port that refuses connections for as long as the test has it: bound, so that nobody else is given it, and not
/// listened on.
/// </summary>
internal sealed class UnusedPort : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public UnusedPort(IPAddress? address = null) => _socket.Bind(new IPEndPoint(address ?? IPAddress.Loopback, 0));

    public int Number => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    public void Dispose() => _socket.Dispose();
}
