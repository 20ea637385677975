using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace ScanEngineAdmin.Module.Tests.Hosting;

/// <summary>Ports outside of the range from which the system serves whoever asks for any, each given once.</summary>
internal static class Ports
{
    private static readonly ConcurrentDictionary<int, bool> Given = new();

    public static int Free()
    {
        while (true)
        {
            int port = Random.Shared.Next(20000, 32000);
            if (Given.TryAdd(port, true) && IsFree(port))
            {
                return port;
            }
        }
    }

    public static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
