using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Firewall.Applying;

/// <summary>One line of the comparison of what a host needs with what it has.</summary>
internal sealed record FirewallDriftRow
{
    /// <summary>
    /// As of Compare-Object, with what is needed on the left: <c>&lt;=</c> is missing, <c>=&gt;</c> is ours and not
    /// needed, <c>==</c> is as it should be; <c>!=</c> is a foreign rule that stands in the way of one that is needed.
    /// </summary>
    public required string SideIndicator { get; init; }

    public required string RuleId { get; init; }

    /// <summary>What is needed; with the command that adds it where it is missing.</summary>
    public FirewallRule? Wanted { get; init; }

    public InstalledFirewallRule? Installed { get; init; }

    public required string Detail { get; init; }

    /// <summary>The other data folder of the host that needs, or may need, what this one does not.</summary>
    public string? KeptFor { get; init; }
}
