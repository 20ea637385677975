namespace ScanEngineAdmin.Faults.Fuzz;

/// <summary>The same numbers for the same seed on every platform and version (xorshift64*).</summary>
internal sealed class FuzzRandom(ulong seed)
{
    private ulong _state = seed == 0 ? 0x9E3779B97F4A7C15 : seed;

    public ulong Next()
    {
        _state ^= _state >> 12;
        _state ^= _state << 25;
        _state ^= _state >> 27;
        return _state * 0x2545F4914F6CDD1D;
    }

    /// <summary>From 0 to below <paramref name="limit"/>.</summary>
    public int Below(int limit) => limit <= 1 ? 0 : (int)((Next() >> 33) % (ulong)limit);

    public T Of<T>(IReadOnlyList<T> list) => list[Below(list.Count)];
}
