namespace ScanEngineAdmin.Core.Nodes;

/// <summary>
/// How often something happened lately, per key. Its memory is bounded: with too many keys the one whose window began
/// first is forgotten, so a flood of keys makes it forgetful, never large.
/// </summary>
internal sealed class AttemptCounter<TKey>(TimeSpan window, int capacity, TimeProvider time)
    where TKey : notnull
{
    private readonly object _gate = new();
    private readonly Dictionary<TKey, Entry> _entries = [];
    private readonly Queue<(TKey Key, DateTimeOffset Began)> _order = new();

    /// <summary>Counts one; returns how many there are in the window now.</summary>
    public int Add(TKey key)
    {
        DateTimeOffset now = time.GetUtcNow();
        lock (_gate)
        {
            Forget(now);
            if (_entries.TryGetValue(key, out Entry? entry))
            {
                entry.Last = now;
                return ++entry.Count;
            }

            if (_entries.Count >= capacity)
            {
                ForgetOldest();
            }

            _entries.Add(key, new Entry(now));
            _order.Enqueue((key, now));
            return 1;
        }
    }

    /// <summary>How many there are in the window, and when the last one was.</summary>
    public (int Count, DateTimeOffset Last) Of(TKey key)
    {
        lock (_gate)
        {
            Forget(time.GetUtcNow());
            return _entries.TryGetValue(key, out Entry? entry) ? (entry.Count, entry.Last) : (0, default);
        }
    }

    private void Forget(DateTimeOffset now)
    {
        // A clock that was set back must not make a window last for ever.
        while (_order.TryPeek(out (TKey Key, DateTimeOffset Began) oldest)
            && (now - oldest.Began >= window || oldest.Began - now >= window))
        {
            ForgetOldest();
        }
    }

    private void ForgetOldest() => _entries.Remove(_order.Dequeue().Key);

    private sealed class Entry(DateTimeOffset last)
    {
        public DateTimeOffset Last { get; set; } = last;

        public int Count { get; set; } = 1;
    }
}
