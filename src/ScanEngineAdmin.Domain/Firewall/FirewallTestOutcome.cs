namespace ScanEngineAdmin.Domain.Firewall;

/// <summary>How one stage of a reachability test ended.</summary>
public enum FirewallTestOutcome
{
    Passed,
    Failed,

    /// <summary>Not tried; the evidence says why.</summary>
    Skipped,

    /// <summary>Tried, but what was seen allows no verdict. Never a guess.</summary>
    Unknown,
}
