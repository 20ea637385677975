using System.Net.Sockets;

namespace ScanEngineAdmin.Scanning.Connect;

/// <summary>
/// Starts a connection attempt as Socket.ConnectAsync does; a test puts a host short of ports in its place.
/// </summary>
internal delegate bool SocketConnect(Socket socket, SocketAsyncEventArgs args);
