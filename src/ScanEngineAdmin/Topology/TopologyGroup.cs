namespace ScanEngineAdmin.Topology;

/// <summary>Engines that are shown together.</summary>
/// <param name="Pool">The pool's name; null for the engines that are in none.</param>
/// <param name="Engines">Those that need attention first, then by name.</param>
internal sealed record TopologyGroup(string? Pool, IReadOnlyList<TopologyEngine> Engines)
{
    /// <summary>The group's heading.</summary>
    public string Title(bool alone) => Pool is not null ? $"Pool {Pool}" : alone ? "Engines" : "In no pool";
}
