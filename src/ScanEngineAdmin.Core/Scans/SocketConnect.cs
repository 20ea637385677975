using System.Net.Sockets;

namespace ScanEngineAdmin.Core.Scans;

/// <summary>
/// Starts a connection attempt as Socket.ConnectAsync does; a test puts a host short of ports in its place.
/// </summary>
internal delegate bool SocketConnect(Socket socket, SocketAsyncEventArgs args);
