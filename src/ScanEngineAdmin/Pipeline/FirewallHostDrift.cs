using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Pipeline;

/// <summary>What the pairings of one data folder need of its host's filter, against what is there.</summary>
/// <param name="Owner">Who owns the filter; without a provider there is none to compare with.</param>
/// <param name="Pairings">The pairings that were asked about.</param>
/// <param name="Rows">The differences, and what is as it should be.</param>
/// <param name="OthersNeed">What other data folders of the host need, as far as they were asked.</param>
internal sealed record FirewallHostDrift(
    FirewallOwner Owner,
    IReadOnlyList<(NodeRole Role, FirewallNeighbour Pairing)> Pairings,
    IReadOnlyList<FirewallDriftRow> Rows,
    IReadOnlyList<FirewallRule> OthersNeed);
