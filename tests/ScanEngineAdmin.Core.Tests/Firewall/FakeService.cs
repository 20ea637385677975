using System.Net;
using System.Net.Sockets;

namespace ScanEngineAdmin.Core.Tests.Firewall;

/// <summary>Something else that holds a port: serves every connection with one function until it is disposed.</summary>
internal sealed class FakeService : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();

    public FakeService(Func<NetworkStream, CancellationToken, Task> serve)
    {
        _listener.Start();
        Serving = ServeAsync(serve);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int Connections { get; private set; }

    private Task Serving { get; }

    public void Dispose()
    {
        // The listener goes last: one that is disposed refuses to accept in another way than one that is cancelled.
        _end.Cancel();
        Serving.Wait(TimeSpan.FromMinutes(3));
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task ServeAsync(Func<NetworkStream, CancellationToken, Task> serve)
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync(_end.Token);
                Connections++;
                try
                {
                    await serve(client.GetStream(), _end.Token);
                }
                catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
                {
                    // The tester has seen enough and hung up.
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }
}
