using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Admin;

/// <summary>
/// What a change would mean: both hosts' rules, the scans concerned, and how far the new way can be tried now.
/// </summary>
internal sealed record DirectionPreview
{
    public required FirewallPlan Plan { get; init; }

    /// <summary>The same for people: it says which rules the host needs, as far as the new way could be tried.</summary>
    public required FirewallPlan Shown { get; init; }

    /// <summary>Queued, dispatched and running scans of that engine, oldest first.</summary>
    public required IReadOnlyList<ScanRecord> Scans { get; init; }

    /// <summary>Who would apply the rules, and whether they run; null when nobody is asked to.</summary>
    public string? Appliers { get; init; }

    /// <summary>The new way, as far as this host can test it; null when it is the one in force.</summary>
    public required FirewallTestResult? Reach { get; init; }
}
