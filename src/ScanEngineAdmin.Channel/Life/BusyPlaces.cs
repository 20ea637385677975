namespace ScanEngineAdmin.Channel.Life;

/// <summary>The channels of a node that may wait with their buffers: a number of places to take and leave.</summary>
internal sealed class BusyPlaces(int most)
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
