using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Firewall.Applying;

/// <summary>One application of a plan's half to this host.</summary>
internal sealed record FirewallApplication
{
    /// <summary>What to confirm it by.</summary>
    public required string Id { get; init; }

    /// <summary>Null when the plan had nothing for this host.</summary>
    public required FirewallProvider? Provider { get; init; }

    /// <summary>How it was found out that this provider owns the filter.</summary>
    public required string OwnerReason { get; init; }

    public required IReadOnlyList<FirewallApplyResult> Results { get; init; }

    /// <summary>When it is undone unless it is confirmed; null when it stays.</summary>
    public DateTimeOffset? RollbackAt { get; init; }
}
