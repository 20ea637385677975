namespace ScanEngineAdmin.Scanning;

/// <summary>
/// A token bucket. It holds a fifth of a second's worth, so that a coarse tick does not lower the rate.
/// </summary>
internal sealed class RateBucket
{
    private readonly object _gate = new();
    private readonly TimeProvider _time;
    private readonly int _rate;
    private double _tokens = 1;
    private long _filled;
    private double _lent;

    /// <param name="rate">Tokens per second; 0 for no limit.</param>
    /// <param name="time">What a second is measured by.</param>
    public RateBucket(int rate, TimeProvider time)
    {
        _rate = rate;
        _time = time;
        _filled = time.GetTimestamp();
    }

    public bool TryTake()
    {
        if (_rate == 0)
        {
            return true;
        }

        lock (_gate)
        {
            long now = _time.GetTimestamp();
            double fill = _tokens + (_time.GetElapsedTime(_filled, now).TotalSeconds * (_rate - _lent));
            _filled = now;
            _tokens = Math.Min(fill, Math.Max(2, _rate / 5.0));
            if (_tokens < 1)
            {
                return false;
            }

            _tokens--;
            return true;
        }
    }

    /// <summary>
    /// A part of the rate for another process, which cannot take tokens: half of what is not lent, or what is wanted if
    /// that is less. So a part is always left, of the least rate, too.
    /// </summary>
    /// <param name="wanted">Tokens per second; 0 for as many as there are.</param>
    public RateShare Lend(int wanted)
    {
        lock (_gate)
        {
            double most = (_rate - _lent) / 2;
            double lent = wanted > 0 ? Math.Min(wanted, most) : most;
            _lent += lent;
            return new RateShare(this, lent);
        }
    }

    public void TakeBack(double lent)
    {
        lock (_gate)
        {
            _lent -= lent;
        }
    }

    /// <summary>One token of each, or none of any.</summary>
    public static bool TryTakeAll(RateBucket[] buckets)
    {
        for (int i = 0; i < buckets.Length; i++)
        {
            if (!buckets[i].TryTake())
            {
                while (--i >= 0)
                {
                    buckets[i].GiveBack();
                }

                return false;
            }
        }

        return true;
    }

    private void GiveBack()
    {
        lock (_gate)
        {
            _tokens++;
        }
    }
}
