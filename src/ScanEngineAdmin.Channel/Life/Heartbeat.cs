using System.Buffers.Binary;
using ScanEngineAdmin.Channel.Wire;

namespace ScanEngineAdmin.Channel.Life;

/// <summary>
/// Round trips. Only an answered ping counts as life: data that still arrives says nothing about the other way. At rest
/// one exchange serves both ends: the dialler pings, and its next ping names the last pong that has reached it.
/// </summary>
internal sealed class Heartbeat
{
    private const int MaxDemanded = 64;
    private const int MaxNamed = 4;
    private readonly PeerChannel _channel;
    private readonly ChannelOptions _options;
    private readonly List<Ping> _outstanding = [];
    private readonly Queue<(uint Sequence, long At)> _answered = new(MaxNamed);
    private uint _sequence;
    private uint _lastPongSequence;
    private uint _latestAnswered;
    private long _lastPong;
    private long _lastOwnPong;
    private long _lastSent;
    private bool _inFlight;
    private long _roundTripTicks;

    public Heartbeat(PeerChannel channel, ChannelOptions options)
    {
        _channel = channel;
        _options = options;
        _lastPong = _lastOwnPong = options.Time.GetTimestamp();
        LastRoundTrip = options.Time.GetUtcNow();
    }

    /// <summary>
    /// The number of the peer's latest ping. For tests with a clock of their own: the peer sees no answer where that is lost.
    /// </summary>
    public uint LatestAnswered => Volatile.Read(ref _latestAnswered);

    public DateTimeOffset LastRoundTrip { get; private set; }

    /// <summary>When the next ping is due; 0 while one is under way.</summary>
    public long Due
    {
        get
        {
            lock (_outstanding)
            {
                return _outstanding.Count > 0
                    ? 0
                    : _lastPong + (long)(Rest.TotalSeconds * _options.Time.TimestampFrequency);
            }
        }
    }

    /// <summary>Smoothed, quick to fall and slow to rise; zero until the first was measured.</summary>
    public TimeSpan RoundTrip => TimeSpan.FromTicks(Volatile.Read(ref _roundTripTicks));

    public Task<TimeSpan> PingAsync(CancellationToken cancellationToken)
    {
        var demanded = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_outstanding)
        {
            if (_channel.Fault is not null)
            {
                throw _channel.Ended();
            }

            if (_outstanding.Count >= MaxDemanded)
            {
                throw _channel.Error(ChannelFault.LimitReached, $"{MaxDemanded} pings are under way already.");
            }

            Send(demanded);
        }

        _channel.Writer.Flush();
        return cancellationToken.CanBeCanceled ? demanded.Task.WaitAsync(cancellationToken) : demanded.Task;
    }

    public void Start()
    {
        lock (_outstanding)
        {
            Send(null);
        }

        _channel.Writer.Flush();
    }

    /// <summary>
    /// For what is about to be sent: a ping that is due before long goes with it, as one exchange costs both ends hardly
    /// more with it than without. What is appended here still has to be flushed.
    /// </summary>
    public void Accompany(long now)
    {
        if (!_channel.Peer.Dialled
            || _options.Time.GetElapsedTime(Volatile.Read(ref _lastPong), now) < _options.HeartbeatInterval / 2)
        {
            return;
        }

        lock (_outstanding)
        {
            if (!_inFlight && _channel.Fault is null)
            {
                Send(null);
            }
        }
    }

    public string? TakePing(ReadOnlySpan<byte> payload)
    {
        if (!FramePayload.TryReadPing(payload, out ulong opaque))
        {
            return "a ping that has not 8 bytes";
        }

        lock (_outstanding)
        {
            if (!_channel.Peer.Dialled)
            {
                TakeNamed((uint)(opaque >> 32));
            }

            if (_answered.Count == MaxNamed)
            {
                _answered.Dequeue();
            }

            _latestAnswered = (uint)opaque;
            _answered.Enqueue((_latestAnswered, _options.Time.GetTimestamp()));
        }

        _channel.Writer.AppendControl(FrameKind.Pong, 0, payload);
        return null;
    }

    public string? TakePong(ReadOnlySpan<byte> payload)
    {
        if (!FramePayload.TryReadPing(payload, out ulong sequence))
        {
            return "a pong that has not 8 bytes";
        }

        long now = _options.Time.GetTimestamp();
        lock (_outstanding)
        {
            int index = _outstanding.FindIndex(ping => ping.Sequence == sequence);
            if (index < 0)
            {
                return null;
            }

            Ping answered = _outstanding[index];
            _outstanding.RemoveAll(ping => ping.Sequence == sequence
                || (ping.Demanded is null && (uint)ping.Sequence < (uint)sequence));
            TimeSpan took = _options.Time.GetElapsedTime(answered.Sent, now);
            long known = _roundTripTicks;
            Volatile.Write(ref _roundTripTicks, Math.Max(
                1, known == 0 || took.Ticks < known ? took.Ticks : known + ((took.Ticks - known) / 8)));
            _lastPongSequence = (uint)sequence;
            _lastPong = _lastOwnPong = now;
            _inFlight = false;
            LastRoundTrip = _options.Time.GetUtcNow();
            answered.Demanded?.TrySetResult(took);
        }

        return null;
    }

    public void Sweep(long now)
    {
        bool send = false;
        lock (_outstanding)
        {
            TimeSpan silent = _options.Time.GetElapsedTime(_lastPong, now);
            if (silent >= _options.PeerTimeout)
            {
                _channel.Fail(
                    ChannelFault.PeerSilent,
                    $"No round trip for {_options.PeerTimeout.TotalSeconds:0} s: the peer or the way to it is dead.");
                return;
            }

            if (silent >= Rest && (!_inFlight || _options.Time.GetElapsedTime(_lastSent, now) >= Repeat))
            {
                Send(null);
                send = true;
            }

            FailOverdue(now);
        }

        if (send)
        {
            _channel.Writer.Flush();
        }
    }

    public void FailAll()
    {
        lock (_outstanding)
        {
            foreach (Ping ping in _outstanding)
            {
                ping.Demanded?.TrySetException(_channel.Ended());
            }

            _outstanding.Clear();
        }
    }

    // Who accepted waits for the dialler's ping, which is due before. Where data flow it measures the round trip itself.
    private TimeSpan Rest => _channel.Peer.Dialled || _channel.Streams.Count > 0
        ? _options.HeartbeatInterval
        : _options.HeartbeatInterval * 1.25;

    // Not before an answer could be here.
    private TimeSpan Repeat => TimeSpan.FromTicks(
        Math.Max(_options.HeartbeatInterval.Ticks / 2, RoundTrip.Ticks + (RoundTrip.Ticks / 2)));

    /// <summary>
    /// The peer has this pong, so the round trip is whole. One that is not the latest says that those after it were
    /// lost, and that the way to the peer was last seen to work when it was sent. An older peer names none.
    /// </summary>
    private void TakeNamed(uint named)
    {
        foreach ((uint sequence, long at) in _answered)
        {
            if (sequence != named || named == 0)
            {
                continue;
            }

            if (named == _latestAnswered)
            {
                _lastPong = _options.Time.GetTimestamp();
                LastRoundTrip = _options.Time.GetUtcNow();
            }
            else
            {
                _lastPong = Math.Max(at, _lastOwnPong);
            }

            return;
        }
    }

    private void FailOverdue(long now)
    {
        for (int i = _outstanding.Count - 1; i >= 0; i--)
        {
            Ping ping = _outstanding[i];
            if (ping.Demanded is not null
                && _options.Time.GetElapsedTime(ping.Sent, now) >= _options.RequestTimeout)
            {
                _outstanding.RemoveAt(i);
                ping.Demanded.TrySetException(_channel.Error(
                    ChannelFault.RequestTimedOut,
                    $"No answer to a ping within {_options.RequestTimeout.TotalSeconds:0} s."));
            }
        }
    }

    private void Send(TaskCompletionSource<TimeSpan>? demanded)
    {
        Span<byte> payload = stackalloc byte[FramePayload.PingLength];
        ulong opaque = ((ulong)_lastPongSequence << 32) | ++_sequence;
        BinaryPrimitives.WriteUInt64BigEndian(payload, opaque);
        _lastSent = _options.Time.GetTimestamp();
        _inFlight = true;
        _outstanding.Add(new Ping(opaque, _lastSent, demanded));
        _channel.Writer.AppendControl(FrameKind.Ping, 0, payload);
    }

    private readonly record struct Ping(ulong Sequence, long Sent, TaskCompletionSource<TimeSpan>? Demanded);
}
