using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Core.Admin;

/// <summary>What can be said of the node on a data folder, from any process.</summary>
/// <param name="IsRunning">Whether a process holds the folder now.</param>
/// <param name="Node">The node that runs, or ran last; null if none ever did.</param>
/// <param name="Fingerprint">Its identity; empty if it was never made.</param>
/// <param name="DataPath">The root of the data folder.</param>
internal sealed record NodeInfo(bool IsRunning, NodeRecord? Node, Fingerprint Fingerprint, string DataPath);
