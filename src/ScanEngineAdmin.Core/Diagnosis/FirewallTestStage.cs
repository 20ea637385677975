using ScanEngineAdmin.Domain.Firewall;

namespace ScanEngineAdmin.Core.Diagnosis;

/// <summary>One stage of a reachability test: what was seen, and what to do about it.</summary>
public sealed record FirewallTestStage
{
    public required FirewallStage Stage { get; init; }

    public required FirewallTestOutcome Result { get; init; }

    /// <summary>
    /// How long it took; null where nothing was timed. The stages of one connection are timed together, at the stage
    /// where it ended.
    /// </summary>
    public TimeSpan? Elapsed { get; init; }

    public required string Evidence { get; init; }

    /// <summary>
    /// What to do next, as a command that can be pasted where there is one; empty when there is nothing to do.
    /// </summary>
    public string Recommendation { get; init; } = string.Empty;

    public override string ToString() => $"{Stage}: {Result}";
}
