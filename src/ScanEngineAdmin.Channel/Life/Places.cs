namespace ScanEngineAdmin.Channel.Life;

/// <summary>A number of places that channels of a node take and leave.</summary>
internal sealed class Places(int most)
{
    private int _taken;

    public int Taken => Volatile.Read(ref _taken);

    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _taken) <= most)
        {
            return true;
        }

        Leave();
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _taken);
}
