namespace ScanEngineAdmin.Scanning;

/// <summary>A part of a rate that is lent until it is disposed of.</summary>
internal sealed class RateShare(RateBucket bucket, double rate) : IDisposable
{
    private int _returned;

    /// <summary>Tokens per second.</summary>
    public double Rate => rate;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _returned, 1) == 0)
        {
            bucket.TakeBack(rate);
        }
    }
}
