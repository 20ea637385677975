using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace ScanEngineAdmin.Service.Tests;

/// <summary>One listener on a whole range of loopback addresses that counts how often each was visited.</summary>
internal sealed class Visits : IAsyncDisposable
{
    private static int _count;
    private readonly TcpListener _listener = new(IPAddress.Any, 0);
    private readonly ConcurrentDictionary<string, int> _visits = [];
    private readonly string _prefix;
    private readonly Task _counting;

    public Visits()
    {
        // A range of its own per process and test: others listen and scan here at the same time.
        _prefix = FormattableString.Invariant(
            $"127.{100 + (Interlocked.Increment(ref _count) % 100)}.{Environment.ProcessId % 250}");
        _listener.Start(1024);
        _counting = CountAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public IReadOnlyDictionary<string, int> Counts => _visits;

    /// <summary>That many targets, as one range.</summary>
    public string Targets(int count) => FormattableString.Invariant($"{_prefix}.1-{_prefix}.{count}");

    /// <summary>Nobody else listens at this one, so a port of it can be taken again after a restart.</summary>
    public string OwnAddress => _prefix + ".254";

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _counting;
    }

    private async Task CountAsync()
    {
        try
        {
            while (true)
            {
                using Socket visitor = await _listener.AcceptSocketAsync();
                string address = ((IPEndPoint)visitor.LocalEndPoint!).Address.ToString();
                if (address.StartsWith(_prefix + ".", StringComparison.Ordinal))
                {
                    // And not a demo that scans this machine meanwhile.
                    _visits.AddOrUpdate(address, 1, (_, count) => count + 1);
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
