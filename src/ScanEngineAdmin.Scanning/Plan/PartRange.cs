namespace ScanEngineAdmin.Scanning.Plan;

/// <summary>Units of a scan, from the first up to but not including the end.</summary>
internal readonly record struct PartRange(long First, long End)
{
    public long Units => End - First;

    public bool Overlaps(PartRange other) => First < other.End && other.First < End;

    public bool Holds(PartRange other) => First <= other.First && other.End <= End;

    public PartRange With(PartRange other) => new(Math.Max(First, other.First), Math.Min(End, other.End));
}
