using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>An HTTP proxy on loopback: tunnels to where the test says, or answers what it says instead.</summary>
internal sealed class PlayedProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<IPEndPoint> _behind;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _tasks = [];
    private readonly Task _accepting;

    public PlayedProxy(Func<IPEndPoint> behind)
    {
        _behind = behind;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>What it answers instead of tunnelling; null tunnels.</summary>
    public string? Refusal { get; set; }

    /// <summary>The heads of all requests so far.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<string> Requests { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting.WaitAsync(NodePair.Patience);
        await Task.WhenAll(_tasks).WaitAsync(NodePair.Patience);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _tasks.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient near)
    {
        using TcpClient client = near;
        try
        {
            NetworkStream stream = client.GetStream();
            var head = new StringBuilder();
            byte[] one = new byte[1];
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                await stream.ReadExactlyAsync(one, _stop.Token);
                head.Append((char)one[0]);
            }

            Requests.Enqueue(head.ToString());
            if (Refusal is { } refusal)
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes(refusal), _stop.Token);
                return;
            }

            using var far = new TcpClient();
            await far.ConnectAsync(_behind(), _stop.Token);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nVia: played\r\n\r\n"u8.ToArray(), _stop.Token);
            Task there = stream.CopyToAsync(far.GetStream(), _stop.Token);
            Task back = far.GetStream().CopyToAsync(stream, _stop.Token);
            await Task.WhenAny(there, back);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // One end is gone.
        }
    }
}
