namespace ScanEngineAdmin.Topology;

/// <summary>What the filter of the console's host lacks of what the console's pairings need, and has too much.</summary>
/// <param name="Provider">Who owns the filter; null where there is none.</param>
/// <param name="Reason">How that was found out.</param>
/// <param name="Drift">The differences; none where all is as it should be.</param>
internal sealed record TopologyFirewall(string? Provider, string Reason, IReadOnlyList<TopologyDrift> Drift)
{
    public IEnumerable<TopologyDrift> Of(TopologyEngine engine) => Drift.Where(drift => drift.Engine == engine.Index);
}
