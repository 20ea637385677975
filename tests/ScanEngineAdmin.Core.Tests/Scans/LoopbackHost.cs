using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Scans;

/// <summary>A loopback address of its own, with ports that talk, keep silent, or do not answer at all.</summary>
internal sealed class LoopbackHost : IDisposable
{
    private readonly List<Socket> _sockets = [];
    private int _open;

    public IPAddress Address { get; } = new OwnLoopback().At(99);

    public string Name => Address.ToString();

    /// <summary>How many connections to talking ports are open, as far as the other end is concerned.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>An open port whose connections are taken by the system and never served.</summary>
    public int Silent() => Port(Listen(256));

    /// <param name="banner">What every connection is told; if that is nothing, it is closed at once.</param>
    /// <param name="when">What the telling waits for; nothing.</param>
    public int Talking(string banner, Task? when = null)
    {
        Socket listener = Listen(256);
        _ = AcceptAsync(listener, Encoding.Latin1.GetBytes(banner), when ?? Task.CompletedTask);
        return Port(listener);
    }

    public int Closed()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(Address, 0));
        return Port(socket);
    }

    /// <summary>
    /// Those on which nobody listens on all addresses: the system is asked for each, as its list of listeners may lack
    /// those of other sandboxes.
    /// </summary>
    public static int[] Free(IEnumerable<int> ports)
    {
        IPAddress address = new OwnLoopback().At(99);
        return [.. ports.Where(port => CanBind(new IPEndPoint(address, port)))];
    }

    /// <summary>A listener whose queue is full: the kernel drops what comes, as a firewall would.</summary>
    public int Unanswering()
    {
        Socket listener = Listen(0);
        for (int i = 0; i < 16; i++)
        {
            var filler = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            _sockets.Add(filler);
            _ = filler.ConnectAsync(listener.LocalEndPoint!).ContinueWith(
                static task => task.Exception, TaskScheduler.Default);

            // One is in the queue, and another is not answered: a kernel that is busy may just not have come to the first.
            if (Count(Port(listener), TcpState.Established) > 0 && HalfOpen(Port(listener)) > 0)
            {
                return Port(listener);
            }
        }

        throw new InvalidOperationException("The listener's queue did not fill.");
    }

    /// <summary>How many connections to that port wait for an answer.</summary>
    public int HalfOpen(int port) => Count(port, TcpState.SynSent);

    /// <summary>
    /// Waits until there are no more of them: a socket that is closed while another thread still uses it is freed by that
    /// thread, a moment later.
    /// </summary>
    public async Task UntilHalfOpenAsync(int port, int most)
    {
        while (HalfOpen(port) > most)
        {
            await Task.Delay(20); // Looked at again and again, within the caller's bound: nothing signals it.
        }
    }

    public void Dispose() => _sockets.ForEach(socket => socket.Dispose());

    private int Count(int port, TcpState state) => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections()
        .Count(c => c.State == state && c.RemoteEndPoint.Equals(new IPEndPoint(Address, port)));

    private static bool CanBind(IPEndPoint endPoint)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.ExclusiveAddressUse = true;
            socket.Bind(endPoint);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int Port(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    private async Task AcceptAsync(Socket listener, byte[] banner, Task when)
    {
        try
        {
            while (true)
            {
                _ = TalkAsync(await listener.AcceptAsync(), banner, when);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task TalkAsync(Socket peer, byte[] banner, Task when)
    {
        Interlocked.Increment(ref _open);
        using (peer)
        {
            try
            {
                // Read from one that waits or talks only: a close with a read under way is a reset.
                Task? gone = when.IsCompleted ? null : peer.ReceiveAsync(new byte[1]);
                if ((gone is null || await Task.WhenAny(when, gone) == when) && banner.Length > 0)
                {
                    await peer.SendAsync(banner);
                    await (gone ?? peer.ReceiveAsync(new byte[1]));
                }
            }
            catch (SocketException)
            {
                // The scanner goes with a reset.
            }
        }

        Interlocked.Decrement(ref _open);
    }

    private Socket Listen(int backlog)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _sockets.Add(listener);
        listener.Bind(new IPEndPoint(Address, 0));
        listener.Listen(backlog);
        return listener;
    }
}
