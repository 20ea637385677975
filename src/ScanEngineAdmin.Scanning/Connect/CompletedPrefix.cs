namespace ScanEngineAdmin.Scanning.Connect;

/// <summary>
/// Which units are done when they finish in any order: all below <see cref="Value"/>, and some in a window above it.
/// </summary>
internal sealed class CompletedPrefix
{
    /// <summary>How far a scan may run ahead of its slowest unit; a cut then repeats at most so many.</summary>
    public const int Window = 65_536;

    private readonly ulong[] _bits = new ulong[Window / 64];

    public CompletedPrefix(long start) => Value = start;

    public long Value { get; private set; }

    public bool HasRoomFor(long unit) => unit - Value < Window;

    public void Mark(long unit)
    {
        _bits[Slot(unit)] |= Bit(unit);
        while ((_bits[Slot(Value)] & Bit(Value)) != 0)
        {
            _bits[Slot(Value)] &= ~Bit(Value);
            Value++;
        }
    }

    private static int Slot(long unit) => (int)(unit % Window) >> 6;

    private static ulong Bit(long unit) => 1UL << (int)(unit & 63);
}
