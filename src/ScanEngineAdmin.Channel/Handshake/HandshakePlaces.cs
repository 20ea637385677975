using System.Net;
using System.Net.Sockets;

namespace ScanEngineAdmin.Channel.Handshake;

/// <summary>
/// The places within TLS: they bound the memory of a storm. Whoever finds none free waits for one before TLS, where a
/// connection costs a socket and its first record, and nobody within is closed for having come first. Networks take
/// turns, and one that holds its share waits while others wait. Peers that had a channel from their address lately go
/// before strangers in half of the places, and a quarter is theirs alone: no number of strangers keeps them waiting.
/// While others wait, a place ends whose peer was waited for longer than <see cref="PeerTime"/> in all.
/// </summary>
internal sealed class HandshakePlaces
{
    /// <summary>What a peer may take for all its answers together: two round trips of a very slow link.</summary>
    public static readonly TimeSpan PeerTime = TimeSpan.FromSeconds(2);

    /// <summary>The part of the places that one network may hold while others wait.</summary>
    public const int Share = 8;

    private static readonly TimeSpan SweepInterval = TimeSpan.FromMilliseconds(250);

    private readonly int _most;
    private readonly TimeProvider _time;
    private readonly object _lock = new();
    private readonly ITimer _sweep;
    private readonly HashSet<Place> _held = [];
    private readonly Dictionary<IPAddress, int> _heldBy = [];
    private readonly RecentPeers _recent;
    private readonly HandshakeLine _known;
    private readonly HandshakeLine _strangers;
    private int _heldByKnown;
    private bool _sweeping;
    private double _meanSeconds;

    public HandshakePlaces(int most, TimeProvider time)
    {
        _most = most;
        _time = time;
        _recent = new RecentPeers(time);
        _known = new HandshakeLine(MayHold);
        _strangers = new HandshakeLine(MayHold);
        _sweep = time.CreateTimer(
            static state => ((HandshakePlaces)state!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Places whose peer is waited for.</summary>
    public int Parked
    {
        get
        {
            lock (_lock)
            {
                return _held.Count(place => place.WaitsSince is not null);
            }
        }
    }

    /// <summary>Connections that wait for a place.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _known.Count + _strangers.Count;
            }
        }
    }

    private int MostFirst => Math.Max(1, _most / 2);

    private int MostStrangers => _most - (_most / 4);

    private int HeldByStrangers => _held.Count - _heldByKnown;

    public bool IsKnown(IPAddress address)
    {
        lock (_lock)
        {
            return _recent.Has(address);
        }
    }

    /// <summary>How long a connection of that address would wait for a place, as they were given back lately.</summary>
    public TimeSpan Estimate(IPAddress address)
    {
        lock (_lock)
        {
            bool known = _recent.Has(address);
            bool free = _held.Count < _most && (known || HeldByStrangers < MostStrangers);
            int ahead = free ? 0 : (known ? _known : _strangers).Ahead(HandshakeShares.Network(address));
            int places = known || _known.Count > 0 ? MostFirst : MostStrangers;
            return TimeSpan.FromSeconds(ahead * _meanSeconds / places);
        }
    }

    /// <summary>Waits for a place, which <see cref="Give"/> gives back.</summary>
    public async Task<Place> TakeAsync(IPAddress address, CancellationToken cancellationToken)
    {
        var waiter = new TaskCompletionSource<Place>(TaskCreationOptions.RunContinuationsAsynchronously);
        HandshakeLine line;
        lock (_lock)
        {
            line = _recent.Has(address) ? _known : _strangers;
            line.Add(HandshakeShares.Network(address), waiter);
            Grant();
            if (!waiter.Task.IsCompleted && !_sweeping)
            {
                _sweeping = _sweep.Change(SweepInterval, Timeout.InfiniteTimeSpan);
            }
        }

        using CancellationTokenRegistration cancelled = cancellationToken.UnsafeRegister(
            (_, token) =>
            {
                lock (_lock)
                {
                    if (waiter.TrySetCanceled(token))
                    {
                        line.Cancelled();
                    }
                }
            },
            null);
        return await waiter.Task.ConfigureAwait(false);
    }

    public void Give(Place place)
    {
        lock (_lock)
        {
            if (_held.Remove(place))
            {
                double held = _time.GetElapsedTime(place.Began).TotalSeconds;
                _meanSeconds = _meanSeconds == 0 ? held : _meanSeconds + ((held - _meanSeconds) / 16);
                place.WaitsSince = null;
                _heldByKnown -= place.IsKnown ? 1 : 0;
                if (--_heldBy[place.Network] == 0)
                {
                    _heldBy.Remove(place.Network);
                }

                Grant();
            }
        }
    }

    /// <summary>A peer of that address was let in.</summary>
    public void Served(IPAddress address)
    {
        lock (_lock)
        {
            _recent.Add(address);
        }
    }

    /// <summary>From now on the place waits for its peer, whose socket ends with the place.</summary>
    public void Wait(Place place, Socket peer)
    {
        lock (_lock)
        {
            place.Peer = peer;
            place.WaitsSince = _time.GetTimestamp();
        }
    }

    public void Resume(Place place)
    {
        lock (_lock)
        {
            place.Waited = Waited(place);
            place.WaitsSince = null;
        }
    }

    private bool MayHold(IPAddress network) =>
        !_heldBy.TryGetValue(network, out int held) || held < Math.Max(1, _most / Share);

    private TimeSpan Waited(Place place) =>
        place.Waited + (place.WaitsSince is { } since ? _time.GetElapsedTime(since) : TimeSpan.Zero);

    private void Grant()
    {
        while (_held.Count < _most)
        {
            bool mayStranger = _strangers.Count > 0 && HeldByStrangers < MostStrangers;
            bool isKnown = _known.Count > 0 && (_heldByKnown < MostFirst || !mayStranger);
            if (!isKnown && !mayStranger)
            {
                return;
            }

            if ((isKnown ? _known : _strangers).Take() is not (IPAddress network, { } waiter))
            {
                return;
            }

            var place = new Place(network, isKnown, _time.GetTimestamp());
            _held.Add(place);
            _heldBy[network] = _heldBy.GetValueOrDefault(network) + 1;
            _heldByKnown += place.IsKnown ? 1 : 0;
            waiter.SetResult(place);
        }
    }

    private void Sweep()
    {
        Socket[] closing;
        lock (_lock)
        {
            _sweeping = _known.Count + _strangers.Count > 0
                && _sweep.Change(SweepInterval, Timeout.InfiniteTimeSpan);
            if (!_sweeping)
            {
                return;
            }

            Place[] late = _held.Where(place =>
                place is { WaitsSince: not null, IsEvicted: false } && Waited(place) >= PeerTime).ToArray();
            Array.ForEach(late, place => place.IsEvicted = true);
            closing = Array.ConvertAll(late, place => place.Peer!);
        }

        // What waits for the peer ends with its socket, and gives the place back.
        Array.ForEach(closing, socket => socket.Dispose());
    }

    /// <summary>One connection's claim to a place: it waits for one, holds it, and gives it back.</summary>
    internal sealed class Claim(HandshakePlaces places, IPAddress address) : IDisposable
    {
        private Place? _place;

        /// <summary>Whether it was closed to make room, and not for anything that it did.</summary>
        public bool IsEvicted => _place?.IsEvicted == true;

        /// <summary>How long it would wait for a place.</summary>
        public TimeSpan Estimate => places.Estimate(address);

        public async Task TakeAsync(CancellationToken cancellationToken) =>
            _place = await places.TakeAsync(address, cancellationToken).ConfigureAwait(false);

        public void Wait(Socket peer) => places.Wait(_place!, peer);

        public void Resume() => places.Resume(_place!);

        /// <summary>The peer was let in: what waits for a place at its address goes before strangers.</summary>
        public void Served() => places.Served(address);

        public void Dispose()
        {
            if (_place is { } place)
            {
                places.Give(place);
            }
        }
    }

    /// <summary>One handshake's place; what changes of it does so under the lock of all places.</summary>
    internal sealed class Place(IPAddress network, bool known, long began)
    {
        private volatile bool _evicted;

        public IPAddress Network => network;

        public bool IsKnown => known;

        public long Began => began;

        /// <summary>How long its peer was waited for until it last answered.</summary>
        public TimeSpan Waited { get; set; }

        public long? WaitsSince { get; set; }

        public Socket? Peer { get; set; }

        /// <summary>Whether it was closed to make room.</summary>
        public bool IsEvicted
        {
            get => _evicted;
            set => _evicted = value;
        }
    }
}
