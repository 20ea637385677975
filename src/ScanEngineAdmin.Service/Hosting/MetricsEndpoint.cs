using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Hosting;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Service.Hosting;

/// <summary>
/// Answers GET /metrics at a loopback address. Every user of this host can reach it, so it has bounds of its own, which
/// the framework's HttpListener has not: so many connections, so many bytes of a request, so much time for it, and one
/// collecting a second however often it is asked. A new connection puts out the oldest whose request is not whole; none
/// that is being answered.
/// </summary>
internal sealed class MetricsEndpoint(IPEndPoint at, Func<string> read, NodeLog log, TimeProvider time)
    : IHostedService, IDisposable
{
    private const string Ok = "200 OK";
    private const int MostConnections = 16;
    private const int MostRequestBytes = 8 * 1024;

    private static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly TcpListener _listener = new(at);
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _collecting = new(1);

    // Connections whose request is not whole, the oldest first; with those that are answered at most MostConnections.
    private readonly List<Socket> _reading = [];
    private int _answering;
    private Task _accepting = Task.CompletedTask;
    private byte[]? _text;
    private long? _collected;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            _listener.Start(MostConnections);
        }
        catch (SocketException e)
        {
            throw new ScanEngineException(
                FaultCode.PortInUse,
                $"The metrics cannot be offered at {at}: {e.Message}",
                "Name another port with --metrics.",
                at.ToString(),
                e);
        }

        _accepting = AcceptAsync(_stop.Token);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Stop();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _collecting.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync(CancellationToken stop)
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptSocketAsync(stop).ConfigureAwait(false);
            }
            catch (SocketException)
            {
                // One that was gone again; or no descriptor is left, which does not change at once.
                await Task.Delay(Fresh, time, stop).ConfigureAwait(false);
                continue;
            }

            if (TryEnter(socket))
            {
                _ = AnswerAsync(socket, stop);
            }
            else
            {
                socket.Dispose();
            }
        }
    }

    private bool TryEnter(Socket socket)
    {
        lock (_reading)
        {
            if (_answering == MostConnections)
            {
                return false;
            }

            if (_reading.Count + _answering == MostConnections)
            {
                _reading[0].Dispose();
                _reading.RemoveAt(0);
            }

            _reading.Add(socket);
            return true;
        }
    }

    // False for one that was put out.
    private bool TryStartAnswer(Socket socket)
    {
        lock (_reading)
        {
            bool isOpen = _reading.Remove(socket);
            _answering += isOpen ? 1 : 0;
            return isOpen;
        }
    }

    private async Task AnswerAsync(Socket socket, CancellationToken stop)
    {
        using var late = new CancellationTokenSource(RequestLimit, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop, late.Token);
        bool isAnswered = false;
        try
        {
            string? request = await ReadHeadAsync(socket, limit.Token).ConfigureAwait(false);
            isAnswered = TryStartAnswer(socket);
            if (!isAnswered)
            {
                return;
            }

            string status = Judge(request);
            byte[] body = [];
            if (status == Ok)
            {
                byte[]? text = await TextAsync(limit.Token).ConfigureAwait(false);
                (status, body) = text is null ? ("500 Internal Server Error", []) : (Ok, text);
            }

            string head = $"HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
                + $"Content-Length: {body.Length}\r\nConnection: close\r\n\r\n";
            await SendAsync(socket, Encoding.ASCII.GetBytes(head), limit.Token).ConfigureAwait(false);
            await SendAsync(socket, body, limit.Token).ConfigureAwait(false);
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Gone, too slow, or put out for a newer one.
        }
        finally
        {
            lock (_reading)
            {
                _reading.Remove(socket);
                _answering -= isAnswered ? 1 : 0;
            }

            socket.Dispose();
        }
    }

    /// <summary>The request's line and headers; null where there are too many bytes or the connection ended.</summary>
    private static async Task<string?> ReadHeadAsync(Socket socket, CancellationToken limit)
    {
        byte[] bytes = new byte[MostRequestBytes];
        int count = 0;
        while (count < bytes.Length)
        {
            int more = await socket.ReceiveAsync(bytes.AsMemory(count), limit).ConfigureAwait(false);
            if (more == 0)
            {
                break;
            }

            count += more;
            if (bytes.AsSpan(0, count).IndexOf("\r\n\r\n"u8) is >= 0 and int end)
            {
                return Encoding.Latin1.GetString(bytes, 0, end);
            }
        }

        return null;
    }

    private string Judge(string? head)
    {
        string[] lines = head?.Split("\r\n") ?? [];
        string[] words = lines.Length == 0 ? [] : lines[0].Split(' ');
        if (words is not [string method, string target, "HTTP/1.1" or "HTTP/1.0"])
        {
            return "400 Bad Request";
        }

        // A page in a browser of this host, whose own name was made to lead here, still sends that name.
        string host = lines.FirstOrDefault(static line => line.StartsWith("Host:", StringComparison.OrdinalIgnoreCase))?[5..]
            .Trim() ?? string.Empty;
        return host != $"{at}" && host != $"localhost:{at.Port}" ? "403 Forbidden"
            : target.Split('?')[0] != "/metrics" ? "404 Not Found"
            : method != "GET" ? "405 Method Not Allowed"
            : Ok;
    }

    /// <summary>Null where the metrics cannot be collected, which is in the log.</summary>
    private async Task<byte[]?> TextAsync(CancellationToken limit)
    {
        await _collecting.WaitAsync(limit).ConfigureAwait(false);
        try
        {
            if (_collected is not { } last || time.GetElapsedTime(last) >= Fresh)
            {
                _text = Collect();
                _collected = time.GetTimestamp();
            }

            return _text;
        }
        finally
        {
            _collecting.Release();
        }
    }

    private byte[]? Collect()
    {
        try
        {
            return Encoding.UTF8.GetBytes(read());
        }
#pragma warning disable CA1031 // Whatever a gauge or an exporter throws: the next request tries again.
        catch (Exception e)
#pragma warning restore CA1031
        {
            log(new LogEntry(
                time.GetUtcNow(), LogLevel.Error, Events.MetricsFault,
                $"The metrics at {at} cannot be collected: {e.Message} A request a second later tries again.",
                new Dictionary<string, string> { ["endPoint"] = at.ToString() }));
            return null;
        }
    }

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken limit)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes, limit).ConfigureAwait(false)..];
        }
    }
}
