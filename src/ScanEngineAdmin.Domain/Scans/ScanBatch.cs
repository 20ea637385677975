namespace ScanEngineAdmin.Domain.Scans;

/// <summary>
/// Scan data as the engine spools it, sends it and the console stores it: numbered from 1 without gaps within an
/// attempt.
/// </summary>
internal sealed record ScanBatch
{
    public required long Number { get; init; }

    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>
    /// All units below this one are done and in this batch or an earlier one: where a restarted engine goes on.
    /// </summary>
    public required long Cursor { get; init; }

    public required long TargetsTotal { get; init; }

    public required long TargetsDone { get; init; }

    /// <summary>Set in the last batch of an attempt: Completed, Failed or Stopped.</summary>
    public ScanState? Final { get; init; }

    public string Detail { get; init; } = string.Empty;
}
