namespace ScanEngineAdmin.Topology;

/// <summary>The console of a topology.</summary>
/// <param name="Name">Its host.</param>
/// <param name="IsRunning">Whether it runs.</param>
/// <param name="EndPoint">Where reverse engines dial it; null before it ran.</param>
/// <param name="Port">The port of that.</param>
/// <param name="Fingerprint">Its identity; null before it ran.</param>
internal sealed record TopologyConsole(string Name, bool IsRunning, string? EndPoint, int? Port, string? Fingerprint);
