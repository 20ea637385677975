using System.Net;

namespace ScanEngineAdmin.Channel.Handshake;

/// <summary>What every connection accepted at one listener has in common.</summary>
internal sealed record AcceptContext(
    NodeKeys Keys,
    ChannelRuntime Runtime,
    HandshakeGate Gate,
    Func<IncomingPeer, CancellationToken, Task> Decide,
    Action<ChannelException, IPAddress> Report);
