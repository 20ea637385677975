using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Core.Pairing;

/// <summary>This node, as it shows itself while pairing.</summary>
internal sealed record PairingSelf(NodeRole Role, Guid NodeId, string Name, string Product, Fingerprint Fingerprint);
