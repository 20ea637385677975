using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Firewall.Applying;

/// <summary>How a plan is applied.</summary>
internal sealed record FirewallApplyOptions
{
    /// <summary>The provider to use; null for the one that owns this host's filter.</summary>
    public FirewallProvider? Provider { get; init; }

    /// <summary>Where rules go under nftables; null for the chains that were found to own the filter.</summary>
    public NftablesPlacement? Nftables { get; init; }

    /// <summary>
    /// Asks the store where the engine and the plan's change stand, while the lock is held; null (or a null answer)
    /// when no store is at hand: then nothing is closed.
    /// </summary>
    public Func<CancellationToken, Task<FirewallPlanState?>>? PlanState { get; init; }

    /// <summary>Undo everything after this time unless it is confirmed; null to let it stay.</summary>
    public TimeSpan? RollbackAfter { get; init; }

    /// <summary>How long to wait for another session that is at this host's filter.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The owner, where the caller has just found it; null to look.</summary>
    internal FirewallOwner? Owner { get; init; }

    /// <summary>What to know the application by; null for an id of its own.</summary>
    internal string? Id { get; init; }
}
