namespace ScanEngineAdmin.Channel.Handshake;

/// <summary>A token that ends by time or with the outer token, until the verdict disarms it.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _outer;

    public Deadline(TimeSpan after, TimeProvider time, CancellationToken outer)
    {
        _source = new CancellationTokenSource(after, time);
        _outer = outer.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
    }

    public CancellationToken Token => _source.Token;

    /// <summary>Ends it before its time.</summary>
    public void Cancel() => _source.Cancel();

    /// <summary>What was decided in time is not taken back by the clock.</summary>
    public void Disarm()
    {
        _outer.Dispose();
        _source.CancelAfter(Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        _outer.Dispose();
        _source.Dispose();
    }
}
