namespace ScanEngineAdmin.Domain.Firewall;

/// <summary>What became of one rule of a plan on this host.</summary>
public enum FirewallApplyOutcome
{
    /// <summary>Written, read again and found.</summary>
    Applied,

    /// <summary>Nothing had to be done: it is there.</summary>
    AlreadyPresent,

    /// <summary>Nothing had to be done: what should go is not there.</summary>
    AlreadyAbsent,

    /// <summary>Not now: the way it closes may still be in use.</summary>
    Deferred,

    Failed,

    /// <summary>It was written and taken back, because another rule of the same plan failed.</summary>
    RolledBack,
}
