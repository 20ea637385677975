namespace ScanEngineAdmin.Channel.Life;

/// <summary>
/// What the sweep knows of one channel. A channel rests while nothing is under way on it; the first write or batch wakes
/// it. None of this takes a lock: who wakes a channel may hold the channel's own.
/// </summary>
internal sealed class SweepEntry(ChannelSweep sweep, PeerChannel channel)
{
    private const int Resting = 0;
    private const int Awake = 1;
    private const int Gone = 2;

    private PeerChannel? _channel = channel;
    private int _state = Gone;

    /// <summary>For the sweep alone: whether a time is kept for it already.</summary>
    public bool HasTime { get; set; }

    public void Begin()
    {
        _state = Awake;
        sweep.Add(this);
    }

    /// <summary>Something is under way from here on. The change that says so was made before.</summary>
    public void Stir()
    {
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _state) == Resting && TryWake())
        {
            sweep.Wake(this);
        }
    }

    public bool TryWake() => Interlocked.CompareExchange(ref _state, Awake, Resting) == Resting;

    /// <summary>The channel has ended, and is kept alive by no time that is kept for it.</summary>
    public void End()
    {
        if (Interlocked.Exchange(ref _state, Gone) != Gone)
        {
            _channel = null;
            sweep.Remove();
        }
    }

    /// <summary>Asks the channel what is overdue, and lets it rest if it can: false, with the time until when.</summary>
    public bool Sweep(long now, out long due)
    {
        due = 0;
        if (_channel is not { } channel)
        {
            return false;
        }

        channel.Sweep(now);
        due = channel.RestsUntil;
        if (due <= now)
        {
            return true;
        }

        // What began before this change met a channel that was awake, and is to be seen now.
        return Interlocked.CompareExchange(ref _state, Resting, Awake) == Awake
            && channel.RestsUntil == 0 && TryWake();
    }
}
