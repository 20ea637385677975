namespace ScanEngineAdmin.Topology;

/// <summary>A console, its engines and its pools at one moment, as every format shows them.</summary>
/// <param name="Generated">When the console's store was read: ages are as of then.</param>
/// <param name="Console">The console.</param>
/// <param name="Engines">The engines by name.</param>
/// <param name="Groups">The engines once more: by pool, and those of no pool last.</param>
/// <param name="Firewall">What the filter of the console's host lacks or has too much of; null where nobody asked.</param>
internal sealed record TopologyModel(
    DateTimeOffset Generated,
    TopologyConsole Console,
    IReadOnlyList<TopologyEngine> Engines,
    IReadOnlyList<TopologyGroup> Groups,
    TopologyFirewall? Firewall)
{
    /// <summary>Up to so many engines are drawn one by one; more are drawn by direction and status.</summary>
    public const int MostDrawnSingly = 40;

    public bool IsDetailed => Groups.Sum(static group => Math.Max(group.Engines.Count, 1)) <= MostDrawnSingly;
}
