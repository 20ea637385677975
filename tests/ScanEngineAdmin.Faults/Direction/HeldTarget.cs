using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Faults.Direction;

/// <summary>
/// What is scanned: ports that say their number first, the later ones only when they are let go, so that a scan runs
/// for as long as a change takes. It counts who was visited how often, and whether anything was visited twice at once.
/// </summary>
internal sealed class HeldTarget : IAsyncDisposable
{
    private const int FirstPort = 9000;
    private const int Ports = 40;
    private const int OpenPorts = 36;
    private const int FirstHeld = 12;

    // Below the scanner's longest wait for a banner, so that nothing is ever found silent.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan BannerTimeout = TimeSpan.FromSeconds(30);

    private readonly List<TcpListener> _listeners;
    private readonly Task _serving;
    private readonly ConcurrentDictionary<int, int> _visits = [];
    private readonly Dictionary<Socket, int> _open = [];
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _end = new();
    private volatile bool _twiceAtOnce;

    public HeldTarget(NetworkNamespace space, IPAddress address)
    {
        Request = new ScanRequest
        {
            Targets = [address.ToString()],
            Ports = string.Create(CultureInfo.InvariantCulture, $"{FirstPort}-{FirstPort + Ports - 1}"),
            Parallelism = 4,
            Timeout = TimeSpan.FromSeconds(30),
            BannerTimeout = BannerTimeout,
        };
        _listeners = space.Make(() => Enumerable.Range(FirstPort, OpenPorts).Select(port =>
        {
            var listener = new TcpListener(address, port);
            listener.Start();
            return listener;
        }).ToList());
        _serving = Task.WhenAll(_listeners.Select(ServeAsync));
    }

    public ScanRequest Request { get; }

    /// <summary>Whether a port was visited while an earlier visit of it lasted: two runs of one scan at once.</summary>
    public bool TwiceAtOnce => _twiceAtOnce;

    /// <summary>The visits of the port that was visited most.</summary>
    public int MostVisits => _visits.Values.DefaultIfEmpty().Max();

    /// <summary>Whether the findings are what is there: one of each port, each ending as it must.</summary>
    public static bool IsTrue(IReadOnlyList<string> findings) => findings.Count == Ports && Enumerable
        .Range(FirstPort, Ports)
        .Select(port => port < FirstPort + OpenPorts ? $" {port} Open port {port}" : $" {port} Closed ")
        .All(end => findings.Any(finding => finding.EndsWith(end, StringComparison.Ordinal)));

    /// <summary>From now on no answer is held back.</summary>
    public void Release() => _release.TrySetResult();

    /// <summary>Starts to count anew, for another scan.</summary>
    public void Forget() => _visits.Clear();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listeners.ForEach(listener => listener.Dispose());
        await _serving;
        _end.Dispose();
    }

    private async Task ServeAsync(TcpListener listener)
    {
        var visits = new List<Task>();
        try
        {
            while (true)
            {
                visits.Add(AnswerAsync(await listener.AcceptSocketAsync(_end.Token)));
            }
        }
        catch (Exception exception) when (exception is
            SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The cell is over.
        }

        await Task.WhenAll(visits);
    }

    private async Task AnswerAsync(Socket visitor)
    {
        int port = ((IPEndPoint)visitor.LocalEndPoint!).Port;
        _visits.AddOrUpdate(port, 1, (_, count) => count + 1);
        lock (_open)
        {
            // One that has left is over, though whoever serves it may not have been told yet.
            _twiceAtOnce |= _open.Any(other => other.Value == port && !HasLeft(other.Key));
            _open.Add(visitor, port);
        }

        try
        {
            using (visitor)
            {
                // The visitor says nothing: this ends with its leaving.
                ValueTask<int> read = visitor.ReceiveAsync(new byte[1], SocketFlags.None, _end.Token);
                Task left = read.AsTask();
                if (port >= FirstPort + FirstHeld)
                {
                    await Task.WhenAny(_release.Task, left, Task.Delay(Longest, _end.Token));
                }

                if (!left.IsCompleted)
                {
                    await visitor.SendAsync(
                        Encoding.ASCII.GetBytes($"port {port}\r\n"), SocketFlags.None, _end.Token);
                }

                await left;
            }
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            // It left, as scanners do.
        }
        finally
        {
            lock (_open)
            {
                _open.Remove(visitor);
            }
        }
    }

    // A scanner says nothing: what can be read of it is its end.
    private static bool HasLeft(Socket visitor)
    {
        try
        {
            return visitor.Poll(0, SelectMode.SelectRead);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return true;
        }
    }
}
