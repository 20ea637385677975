using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace ScanEngineAdmin.Channel.Handshake;

/// <summary>
/// Bounds what strangers cost: connections in all, connections from one address, and handshakes that use the CPU at
/// once. One address has at most half of those turns, so that it cannot keep everybody else waiting.
/// </summary>
[SuppressMessage(
    "Reliability", "CA1001:Types that own disposable fields should be disposable", Justification = "No wait handles.")]
internal sealed class HandshakeGate
{
    private readonly ChannelOptions _options;
    private readonly object _lock = new();
    private readonly Dictionary<IPAddress, Address> _addresses = [];
    private readonly SemaphoreSlim _turns;
    private int _total;

    public HandshakeGate(ChannelOptions options)
    {
        _options = options;
        _turns = new SemaphoreSlim(options.MaxHandshakes);
    }

    /// <summary>Connections that have no verdict yet.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _total;
            }
        }
    }

    /// <summary>
    /// Lets a connection in; null when one of the limits is reached, and then <paramref name="limit"/> says which.
    /// </summary>
    public Admission? TryEnter(IPAddress remote, out string limit)
    {
        IPAddress key = Group(remote);
        lock (_lock)
        {
            if (_total >= _options.MaxHandshakes + _options.MaxHandshakeQueue)
            {
                limit = $"{_total} connections already wait for their handshake (MaxHandshakeQueue)";
                return null;
            }

            if (!_addresses.TryGetValue(key, out Address? address))
            {
                address = new Address(Math.Max(1, _options.MaxHandshakes / 2));
                _addresses.Add(key, address);
            }

            if (address.Count >= _options.MaxHandshakesPerAddress)
            {
                limit = $"{address.Count} connections from this address are still without a verdict "
                    + "(MaxHandshakesPerAddress)";
                return null;
            }

            address.Count++;
            _total++;
            limit = string.Empty;
            return new Admission(this, key, address);
        }
    }

    // Whoever has one IPv6 address has its whole /64.
    private static IPAddress Group(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        byte[] bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }

    private void Leave(IPAddress key, Address address)
    {
        lock (_lock)
        {
            _total--;
            if (--address.Count == 0)
            {
                _addresses.Remove(key);
            }
        }
    }

    /// <summary>One connection's place; given back once, whoever comes first.</summary>
    internal sealed class Admission(HandshakeGate gate, IPAddress key, Address address) : IDisposable
    {
        private int _hasTurn;
        private int _left;

        /// <summary>Waits until a handshake may use the CPU.</summary>
        public async Task TakeTurnAsync(CancellationToken cancellationToken)
        {
            await address.Turns.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await gate._turns.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                address.Turns.Release();
                throw;
            }

            Volatile.Write(ref _hasTurn, 1);
        }

        public void EndTurn()
        {
            if (Interlocked.Exchange(ref _hasTurn, 0) == 1)
            {
                gate._turns.Release();
                address.Turns.Release();
            }
        }

        public void Dispose()
        {
            EndTurn();
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                gate.Leave(key, address);
            }
        }
    }

    [SuppressMessage(
        "Reliability",
        "CA1001:Types that own disposable fields should be disposable",
        Justification = "No wait handles.")]
    internal sealed class Address(int turns)
    {
        public int Count { get; set; }

        public SemaphoreSlim Turns { get; } = new(turns);
    }
}
