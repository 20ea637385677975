using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ScanEngineAdmin.Faults.Attack;
using ScanEngineAdmin.Service.Hosting;

namespace ScanEngineAdmin.Faults.Local;

/// <summary>Another local user, who can reach a node's metrics as everybody on the host can.</summary>
internal static class MetricsAttacks
{
    private const int Most = 16;
    private const int Kept = 64;
    private static readonly TimeSpan Flood = TimeSpan.FromSeconds(5);

    // What a request may take, and some time for this machine.
    private static readonly TimeSpan Free = TimeSpan.FromSeconds(60);

    private const string Small = "x 1\n";

    /// <summary>More than the buffers of a connection hold.</summary>
    private static readonly string Large = new('x', 8 * 1024 * 1024);

    public static IReadOnlyList<AttackCase> All { get; } =
    [
        new("metrics: connections that say nothing", stage => FloodAsync(stage, Small, _ => string.Empty)),
        new("metrics: requests that do not end", stage => FloodAsync(
            stage, Small, at => $"GET /metrics HTTP/1.1\r\nHost: {at}\r\n")),
        new("metrics: whole requests without end", stage => FloodAsync(stage, Small, Request)),
        new("metrics: answers that nobody reads", stage => FloodAsync(stage, Large, Request)),
    ];

    private static string Request(IPEndPoint at) => $"GET /metrics HTTP/1.1\r\nHost: {at}\r\n\r\n";

    private static async Task<string> FloodAsync(AttackStage stage, string text, Func<IPEndPoint, string> says)
    {
        var at = new IPEndPoint(stage.At(8), 9464);
        int collected = 0;
        using var endpoint = new MetricsEndpoint(
            at,
            () =>
            {
                Interlocked.Increment(ref collected);
                return text;
            },
            _ => { },
            TimeProvider.System);
        await endpoint.StartAsync(CancellationToken.None);
        long began = Stopwatch.GetTimestamp();
        var open = new ConcurrentQueue<Socket>();
        int connected = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (Stopwatch.GetElapsedTime(began) < Flood)
            {
                Interlocked.Add(ref connected, await ConnectAsync(at, says(at), open) ? 1 : 0);
                while (open.Count > Kept && open.TryDequeue(out Socket? oldest))
                {
                    oldest.Dispose();
                }
            }
        })));

        // Those that are kept and were not put out; what has an answer to be read is not looked at.
        int left = Left(open);
        for (int looks = 0; looks < 20 && left > Most; looks++)
        {
            await Task.Delay(50); // One may have been taken a moment ago.
            left = Left(open);
        }

        TimeSpan waited = await AnsweredAsync(at, text);
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        foreach (Socket socket in open)
        {
            socket.Dispose();
        }

        await endpoint.StopAsync(CancellationToken.None);
        return collected <= seconds + 1 && left <= Most
            ? $"{connected} connections, {left} left, {collected} collected; an answer after {waited.TotalSeconds:0.0} s"
            : throw new AttackException($"{left} connections were left, and {collected} collected in {seconds:0} s.");
    }

    private static int Left(ConcurrentQueue<Socket> open) => open.Count(socket => !socket.Poll(0, SelectMode.SelectRead));

    private static async Task<bool> ConnectAsync(IPEndPoint at, string says, ConcurrentQueue<Socket> open)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(at).WaitAsync(Free);
            await socket.SendAsync(Encoding.ASCII.GetBytes(says)).WaitAsync(Free);
            open.Enqueue(socket);
            return true;
        }
        catch (Exception fault) when (fault is SocketException or TimeoutException)
        {
            socket.Dispose();
            return false;
        }
    }

    /// <summary>How long it takes until a scraper has its answer, however often it has to try.</summary>
    private static async Task<TimeSpan> AnsweredAsync(IPEndPoint at, string text)
    {
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < Free)
        {
            try
            {
                using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(at).WaitAsync(Free);
                await socket.SendAsync(Encoding.ASCII.GetBytes(Request(at))).WaitAsync(Free);
                using var stream = new NetworkStream(socket);
                using var answer = new StreamReader(stream, Encoding.ASCII);
                if ((await answer.ReadToEndAsync().WaitAsync(Free)).EndsWith(text, StringComparison.Ordinal))
                {
                    return Stopwatch.GetElapsedTime(began);
                }
            }
            catch (Exception fault) when (fault is SocketException or IOException or TimeoutException)
            {
                // Put out: as a scraper does, it tries again.
            }

            await Task.Delay(50);
        }

        throw new AttackException("No scraper was answered after the flood.");
    }
}
