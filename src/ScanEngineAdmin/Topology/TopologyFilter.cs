using ScanEngineAdmin.Firewall.Applying;

namespace ScanEngineAdmin.Topology;

/// <summary>What was found at the filter of the console's host.</summary>
/// <param name="Provider">Who owns the filter; null where there is none.</param>
/// <param name="Reason">How that was found out.</param>
/// <param name="Rows">The differences, each with the engine's name if it is about one.</param>
internal sealed record TopologyFilter(
    string? Provider, string Reason, IReadOnlyList<(string? Engine, FirewallDriftRow Row)> Rows);
