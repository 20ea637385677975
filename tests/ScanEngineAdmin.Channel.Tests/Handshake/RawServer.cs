using System.Net;
using System.Net.Sockets;

namespace ScanEngineAdmin.Channel.Tests.Handshake;

/// <summary>Something on a port that is not a node.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TaskCompletionSource _accepted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _serving;

    public RawServer(Func<NetworkStream, Task> serve)
    {
        _listener.Start();
        _serving = Task.Run(async () =>
        {
            using TcpClient client = await _listener.AcceptTcpClientAsync();
            _accepted.SetResult();
            await serve(client.GetStream());
        });
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Ends once a connection is being served; a disposal before that leaves the connection unserved.</summary>
    public Task Accepted => _accepted.Task;

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        try
        {
            await _serving.WaitAsync(Node.Patience);
        }
        catch (Exception e) when (e is IOException or SocketException or InvalidOperationException)
        {
            // The dialler has cut it; what matters is what the dialler says.
        }
    }
}
