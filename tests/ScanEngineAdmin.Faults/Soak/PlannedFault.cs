using System.Globalization;

namespace ScanEngineAdmin.Faults.Soak;

/// <summary>One fault of the schedule, which follows from the seed alone.</summary>
/// <param name="At">Since the beginning of the soak.</param>
/// <param name="Kind">What is done.</param>
/// <param name="Host">0 is the console, the others are engines.</param>
/// <param name="Lasts">Until it is healed.</param>
/// <param name="Draw">A number for what has to be chosen when it happens.</param>
internal sealed record PlannedFault(TimeSpan At, FaultKind Kind, int Host, TimeSpan Lasts, int Draw)
{
    public string Line => string.Create(
        CultureInfo.InvariantCulture,
        $"{At.TotalSeconds,6:0.0} s  {(Host == 0 ? "console" : $"engine-{Host}"),-10} {Kind,-17} "
        + $"{Lasts.TotalSeconds:0.0} s");
}
