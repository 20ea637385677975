namespace ScanEngineAdmin.Core.Messages;

/// <summary>What became of one rule at the engine's host: its id and words, no rule.</summary>
internal sealed record PreparedRule
{
    public string? RuleId { get; init; }

    public string? Change { get; init; }

    public string? Outcome { get; init; }
}
