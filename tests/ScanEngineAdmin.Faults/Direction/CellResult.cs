using System.Globalization;

namespace ScanEngineAdmin.Faults.Direction;

/// <summary>How a cell ended.</summary>
internal sealed record CellResult(Cell Cell, CellOutcome Outcome)
{
    public bool Lost { get; init; }

    public bool Doubled { get; init; }

    /// <summary>All that was not as it must be, in words.</summary>
    public IReadOnlyList<string> Wrong { get; init; } = [];

    public TimeSpan Took { get; init; }

    /// <summary>Both processes' logs, if something was wrong.</summary>
    public string Logs { get; init; } = string.Empty;

    public bool Passed => Wrong.Count == 0 && Outcome == Cell.Fault.Expected && !Lost && !Doubled;

    public string Line => string.Create(
        CultureInfo.InvariantCulture,
        $"{Cell.Name}  {Outcome.ToString().ToLowerInvariant(),-5} lost={(Lost ? 1 : 0)} doubled={(Doubled ? 1 : 0)} "
        + $"{Took.TotalSeconds,5:0.0} s{(Passed ? string.Empty : "  FAIL ")}{string.Join("; ", Wrong)}");
}
