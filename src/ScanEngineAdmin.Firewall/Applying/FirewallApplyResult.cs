using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Firewall.Applying;

/// <summary>What became of one rule of a plan on this host, and what shows it.</summary>
internal sealed record FirewallApplyResult
{
    public required FirewallRule Rule { get; init; }

    public string RuleId => Rule.RuleId;

    public required FirewallProvider Provider { get; init; }

    public required FirewallApplyOutcome Outcome { get; init; }

    public required string Evidence { get; init; }

    /// <summary>Why it is not known whether what was written opens the way; null where that is known.</summary>
    public string? Unproved { get; init; }

    /// <summary>The other application that has the rule now and undoes it unless confirmed; null if none.</summary>
    public string? WaitsFor { get; init; }
}
