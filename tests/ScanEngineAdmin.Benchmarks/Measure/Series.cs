using System.Globalization;

namespace ScanEngineAdmin.Benchmarks.Measure;

/// <summary>One figure as the rounds brought it.</summary>
internal sealed record Series(IReadOnlyList<double> Values)
{
    public double Median => At(0.5);

    public double Min => Values.Min();

    public double Max => Values.Max();

    /// <summary>The value that this part of all does not exceed.</summary>
    public double At(double part)
    {
        double[] sorted = [.. Values.Order()];
        if (sorted.Length == 0)
        {
            return double.NaN;
        }

        if (part == 0.5 && sorted.Length % 2 == 0)
        {
            return (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
        }

        return sorted[Math.Clamp((int)Math.Ceiling(part * sorted.Length) - 1, 0, sorted.Length - 1)];
    }

    /// <summary>Round by round, so that what disturbed a round disturbed both.</summary>
    public Series Over(Series other) => new([.. Values.Zip(other.Values, static (one, two) => one / two)]);

    public static string Short(double value) => Math.Abs(value) switch
    {
        >= 1000 => value.ToString("#,0", CultureInfo.InvariantCulture),
        >= 100 => value.ToString("0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.0", CultureInfo.InvariantCulture),
        >= 1 or 0 => value.ToString("0.00", CultureInfo.InvariantCulture),
        _ => value.ToString("0.000", CultureInfo.InvariantCulture),
    };

    public override string ToString() =>
        Values.Count == 1 ? Short(Median) : $"{Short(Median)} ({Short(Min)}..{Short(Max)})";
}
