using System.Buffers.Binary;
using ScanEngineAdmin.Channel.Wire;

namespace ScanEngineAdmin.Channel.Life;

/// <summary>
/// Round trips. Only an answered ping counts as life: data that still arrives says nothing about the other way.
/// </summary>
internal sealed class Heartbeat
{
    private const int MaxDemanded = 64;
    private readonly PeerChannel _channel;
    private readonly ChannelOptions _options;
    private readonly List<Ping> _outstanding = [];
    private ulong _sequence;
    private long _lastPong;
    private long _lastSent;
    private bool _inFlight;
    private long _roundTripTicks;

    public Heartbeat(PeerChannel channel, ChannelOptions options)
    {
        _channel = channel;
        _options = options;
        _lastPong = options.Time.GetTimestamp();
        LastRoundTrip = options.Time.GetUtcNow();
    }

    public DateTimeOffset LastRoundTrip { get; private set; }

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

    public string? TakePing(ReadOnlySpan<byte> payload)
    {
        if (!FramePayload.TryReadPing(payload, out _))
        {
            return "a ping that has not 8 bytes";
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
                || (ping.Demanded is null && ping.Sequence < sequence));
            TimeSpan took = _options.Time.GetElapsedTime(answered.Sent, now);
            long known = _roundTripTicks;
            Volatile.Write(ref _roundTripTicks, Math.Max(
                1, known == 0 || took.Ticks < known ? took.Ticks : known + ((took.Ticks - known) / 8)));
            _lastPong = now;
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

            if (silent >= _options.HeartbeatInterval
                && (!_inFlight || _options.Time.GetElapsedTime(_lastSent, now) >= _options.HeartbeatInterval))
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
        BinaryPrimitives.WriteUInt64BigEndian(payload, ++_sequence);
        _lastSent = _options.Time.GetTimestamp();
        _inFlight = true;
        _outstanding.Add(new Ping(_sequence, _lastSent, demanded));
        _channel.Writer.AppendControl(FrameKind.Ping, 0, payload);
    }

    private readonly record struct Ping(ulong Sequence, long Sent, TaskCompletionSource<TimeSpan>? Demanded);
}
