using System.Net;
using System.Net.Sockets;

namespace ScanEngineAdmin.Channel.Tests.Handshake;

/// <summary>Passes connections on and remembers the first bytes that came back on the newest.</summary>
internal sealed class Relay : IAsyncDisposable
{
    // pre_shared_key in a ServerHello, which is sent in the clear: the session is resumed.
    private static readonly byte[] Resumed = [0x00, 0x29, 0x00, 0x02, 0x00, 0x00];

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _port;
    private byte[] _answer = [];

    public Relay(int port)
    {
        _port = port;
        _listener.Start();
        _ = Task.Run(AcceptAsync);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public bool IsResumed => Volatile.Read(ref _answer).AsSpan().IndexOf(Resumed) >= 0;

    public ValueTask DisposeAsync()
    {
        _listener.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = PassAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private async Task PassAsync(TcpClient near)
    {
        using TcpClient one = near;
        using var far = new TcpClient();
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, _port);
            Task there = near.GetStream().CopyToAsync(far.GetStream());
            byte[] answer = new byte[1024];
            int got = await far.GetStream().ReadAsync(answer);
            Volatile.Write(ref _answer, answer[..got]);
            await near.GetStream().WriteAsync(answer.AsMemory(0, got));
            await Task.WhenAny(there, far.GetStream().CopyToAsync(near.GetStream()));
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // One end has gone.
        }
    }
}
