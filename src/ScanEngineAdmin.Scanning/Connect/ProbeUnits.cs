using ScanEngineAdmin.Scanning.Plan;

namespace ScanEngineAdmin.Scanning.Connect;

/// <summary>Which units of a scan are next and which are complete. Used under the lock of its run.</summary>
internal sealed class ProbeUnits(ScanPlan plan, long cursor, ScanAddresses addresses, RateBucket[] rates)
{
    private readonly Queue<long> _postponed = new();
    private readonly CompletedPrefix _done = new(cursor);
    private long _next = cursor;

    /// <summary>All units before this one are complete.</summary>
    public long Cursor => _done.Value;

    public bool IsExhausted => _next == plan.Units && _postponed.Count == 0;

    /// <summary>Null while the rate, or the room for what is complete, allows none.</summary>
    public long? TakeNext()
    {
        bool again = _postponed.Count > 0;
        if ((!again && (_next == plan.Units || !_done.HasRoomFor(_next))) || !RateBucket.TryTakeAll(rates))
        {
            return null;
        }

        return again ? _postponed.Dequeue() : _next++;
    }

    /// <summary>
    /// The units of a name without an address, and of an address that is passed over, are complete without a finding:
    /// whether the next one was.
    /// </summary>
    public bool TrySkip()
    {
        long target = _next / plan.Ports.Count;
        if (!addresses.MayLack(target) || _next == plan.Units || !_done.HasRoomFor(_next) || addresses[target] is not null)
        {
            return false;
        }

        _done.Mark(_next++);
        return true;
    }

    public void Complete(long unit) => _done.Mark(unit);

    /// <summary>It is given out again before any other.</summary>
    public void Postpone(long unit) => _postponed.Enqueue(unit);
}
