namespace ScanEngineAdmin.Benchmarks.Measure;

/// <summary>What a figure must reach.</summary>
internal readonly record struct Target(bool AtLeast, double Value)
{
    public static Target Least(double value) => new(true, value);

    public static Target Most(double value) => new(false, value);

    public bool IsMet(double value) => AtLeast ? value >= Value : value <= Value;

    /// <summary>How far off it is: below 1 it is missed.</summary>
    public double Score(double value) => AtLeast ? value / Value : value == 0 ? double.PositiveInfinity : Value / value;

    public override string ToString() => $"target{(AtLeast ? ">=" : "<=")}{Series.Short(Value)}";
}
