using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace ScanEngineAdmin.Service.Tests;

/// <summary>
/// One listener on a whole range of loopback addresses that counts how often each was visited. It sends the first ones
/// away at once and holds the others until they are released: a scan that waits to be told something stays where it is.
/// </summary>
internal sealed class Visits : IAsyncDisposable
{
    private const int FirstHeld = 61;
    private readonly TcpListener _listener = new(IPAddress.Any, 0);
    private readonly ConcurrentDictionary<string, int> _visits = [];
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _prefix = OwnNetwork.Next();
    private readonly Task _counting;

    public Visits()
    {
        _listener.Start(1024);
        _counting = CountAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public IReadOnlyDictionary<string, int> Counts => _visits;

    /// <summary>That many targets, as one range.</summary>
    public string Targets(int count) => FormattableString.Invariant($"{_prefix}.1-{_prefix}.{count}");

    /// <summary>Nobody else listens at this one, so a port of it can be taken again after a restart.</summary>
    public string OwnAddress => _prefix + ".254";

    /// <summary>From now on nobody is held.</summary>
    public void Release() => _released.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        Release();
        _listener.Dispose();
        await _counting;
    }

    private async Task CountAsync()
    {
        var visits = new List<Task>();
        try
        {
            while (true)
            {
                visits.Add(MeetAsync(await _listener.AcceptSocketAsync()));
            }
        }
        catch (Exception exception) when (exception is SocketException or InvalidOperationException)
        {
            // The test is over.
        }

        await Task.WhenAll(visits);
    }

    private async Task MeetAsync(Socket visitor)
    {
        using (visitor)
        {
            IPAddress address = ((IPEndPoint)visitor.LocalEndPoint!).Address;
            if (!address.ToString().StartsWith(_prefix + ".", StringComparison.Ordinal))
            {
                // Another test that scans all ports of an address meanwhile.
                return;
            }

            _visits.AddOrUpdate(address.ToString(), 1, (_, count) => count + 1);
            if (address.GetAddressBytes()[3] >= FirstHeld)
            {
                await _released.Task;
            }
        }
    }
}
