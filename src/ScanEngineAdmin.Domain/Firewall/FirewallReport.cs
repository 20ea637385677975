namespace ScanEngineAdmin.Domain.Firewall;

/// <summary>What the other end said of its own firewall applier.</summary>
internal sealed record FirewallReport
{
    /// <summary>Null when no applier was asked there.</summary>
    public FirewallRequestState? State { get; init; }

    public string Detail { get; init; } = string.Empty;

    public IReadOnlyList<FirewallRequestRule> Rules { get; init; } = [];
}
