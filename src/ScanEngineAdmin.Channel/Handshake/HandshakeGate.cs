using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace ScanEngineAdmin.Channel.Handshake;

/// <summary>
/// Bounds what strangers cost: connections in all, connections from one address, handshakes within TLS, and those that
/// use the CPU at once. One address has at most half of those turns, so that it cannot keep everybody else waiting; and
/// whoever waits for its peer has none, so that many addresses cannot either.
/// </summary>
[SuppressMessage(
    "Reliability", "CA1001:Types that own disposable fields should be disposable", Justification = "No wait handles.")]
internal sealed class HandshakeGate
{
    private readonly ChannelOptions _options;
    private readonly int _openFiles;
    private readonly object _lock = new();
    private readonly Dictionary<IPAddress, Address> _addresses = [];
    private readonly HandshakeTurns _turns;
    private int _total;

    public HandshakeGate(ChannelOptions options, int openFiles)
    {
        _options = options;
        _openFiles = openFiles;
        _turns = new HandshakeTurns(options.MaxHandshakes, options.Time);
        Places = new HandshakePlaces(Math.Min(options.MaxHandshakesInTls, Math.Max(1, openFiles / 4)), options.Time);
    }

    public HandshakePlaces Places { get; }

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

            // The other half is for what this node does itself: its store, its channels, the runtime's own.
            if (_total >= _openFiles / 2)
            {
                limit = $"{_total} connections already wait for their handshake, and this process may have "
                    + $"{_openFiles} open files";
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
        private HandshakeTurns.Turn? _turn;
        private int _left;

        /// <summary>Its place within TLS.</summary>
        public HandshakePlaces.Claim Place { get; } = new(gate.Places, key);

        /// <summary>Waits until a handshake may use the CPU.</summary>
        public async Task TakeTurnAsync(CancellationToken cancellationToken)
        {
            await address.Turns.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                HandshakeTurns.Turn turn = await gate._turns.TakeAsync(key, cancellationToken).ConfigureAwait(false);
                Volatile.Write(ref _turn, turn);
            }
            catch
            {
                address.Turns.Release();
                throw;
            }
        }

        /// <summary>
        /// Leaves the turn to others while the peer is waited for; false if it has none. Without a turn there is
        /// nothing to resume.
        /// </summary>
        public bool TryPark(Socket waitsOn)
        {
            if (Volatile.Read(ref _turn) is null)
            {
                return false;
            }

            Rest(waitsOn);
            return true;
        }

        public Task ResumeAsync(CancellationToken cancellationToken)
        {
            Place.Resume();
            return TakeTurnAsync(cancellationToken);
        }

        /// <summary>Nothing is done any more until the peer does something.</summary>
        public void Rest(Socket waitsOn)
        {
            Place.Wait(waitsOn);
            EndTurn();
        }

        public void EndTurn()
        {
            if (Interlocked.Exchange(ref _turn, null) is { } turn)
            {
                gate._turns.Give(turn);
                address.Turns.Release();
            }
        }

        public void Dispose()
        {
            EndTurn();
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                Place.Dispose();
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
