using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ScanEngineAdmin.Service.Demo;

/// <summary>Something to find: two ports that greet, one that says nothing, one that is closed for certain.</summary>
internal sealed class DemoServices : IAsyncDisposable
{
    private readonly List<TcpListener> _listeners = [];
    private readonly List<Task> _serving = [];
    private readonly Dictionary<int, string?> _open = [];
    private readonly Socket _closed;

    public DemoServices()
    {
        Open("220 mail.demo.example ESMTP ready\r\n");
        Open("+OK POP3 server ready\r\n");
        Open(null);

        // Bound and never listening: nobody else can open it while the demo runs.
        _closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
    }

    /// <summary>Ports that are open for certain, with what they say first.</summary>
    public IReadOnlyDictionary<int, string?> OpenPorts => _open;

    public int ClosedPort => ((IPEndPoint)_closed.LocalEndPoint!).Port;

    /// <summary>The demo's own ports: what else listens on this machine is none of its business.</summary>
    public IReadOnlyList<int> PortsToScan() => [.. _open.Keys.Append(ClosedPort).Order()];

    public async ValueTask DisposeAsync()
    {
        foreach (TcpListener listener in _listeners)
        {
            listener.Dispose();
        }

        await Task.WhenAll(_serving).ConfigureAwait(false);
        _closed.Dispose();
    }

    private void Open(string? greeting)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _listeners.Add(listener);
        _open[((IPEndPoint)listener.LocalEndpoint).Port] = greeting?.Trim();
        _serving.Add(ServeAsync(listener, greeting));
    }

    private static async Task ServeAsync(TcpListener listener, string? greeting)
    {
        try
        {
            while (true)
            {
                using TcpClient client = await listener.AcceptTcpClientAsync().ConfigureAwait(false);

                // Until the scanner hangs up, or it has waited long enough for a greeting that does not come.
                using var time = new CancellationTokenSource(TimeSpan.FromSeconds(2));
                try
                {
                    if (greeting is not null)
                    {
                        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(greeting), time.Token)
                            .ConfigureAwait(false);
                    }

                    await client.GetStream().ReadAsync(new byte[16], time.Token).ConfigureAwait(false);
                }
                catch (Exception exception) when (exception is IOException or OperationCanceledException)
                {
                    // It reset the connection, perhaps before it was greeted, or kept it: all are fine.
                }
            }
        }
        catch (Exception exception) when (exception is InvalidOperationException or SocketException)
        {
            // The demo is over.
        }
    }
}
