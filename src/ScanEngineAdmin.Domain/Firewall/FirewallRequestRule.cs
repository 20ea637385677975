namespace ScanEngineAdmin.Domain.Firewall;

/// <summary>What the applier did to one rule.</summary>
internal sealed record FirewallRequestRule
{
    public required string RuleId { get; init; }

    public required RuleChange Change { get; init; }

    public required FirewallApplyOutcome Outcome { get; init; }

    public string Evidence { get; init; } = string.Empty;
}
