namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>
/// Between what bounds the packets are that make a connection, where systems differ and the copy's packets have one
/// value of many. What all of them meet, or none, is known all the same.
/// </summary>
internal static class RealSpans
{
    /// <summary>A packet's bytes: without any option of TCP, and with all that there is room for, as MPTCP needs.</summary>
    public static readonly (int Low, int High) Length = (40, 100);

    /// <summary>The same without the head of IPv6.</summary>
    public static readonly (int Low, int High) Payload = (20, 60);

    /// <summary>The head of TCP in words of four bytes.</summary>
    public static readonly (int Low, int High) Words = (5, 15);

    /// <summary>The segment size that an end names: from the least that is allowed to the largest frames.</summary>
    public static readonly (int Low, int High) SegmentSize = (536, 8960);

    public static bool IsSplit((int Low, int High) real, IReadOnlyList<(long Low, long High)> asked)
    {
        int met = Enumerable.Range(real.Low, real.High - real.Low + 1)
            .Count(value => asked.Any(a => a.Low <= value && value <= a.High));
        return met > 0 && met <= real.High - real.Low;
    }
}
