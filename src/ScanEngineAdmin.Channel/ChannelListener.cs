using System.Net;

namespace ScanEngineAdmin.Channel;

/// <summary>Accepts peers on one endpoint: bounded handshakes, then the verdict is the owner's.</summary>
public sealed class ChannelListener : IAsyncDisposable
{
    /// <summary>The endpoint bound (the real port when 0 was asked for).</summary>
    public IPEndPoint EndPoint => throw new NotImplementedException();

    /// <summary>Called for connections that ended before their hello was understood, with the reason and the remote address.</summary>
    public Action<ChannelException, IPAddress>? HandshakeFailed { get; set; }

    /// <summary>Binds and listens; <paramref name="decide"/> runs for every peer that has said hello.</summary>
    /// <exception cref="ChannelException">PortInUse, AddressNotAvailable.</exception>
    public static ChannelListener Start(
        IPEndPoint endPoint,
        NodeIdentity identity,
        ChannelRuntime runtime,
        Func<IncomingPeer, CancellationToken, Task> decide) => throw new NotImplementedException($"{endPoint}{identity}{runtime}{decide}");

    /// <summary>Stops accepting, frees the port, ends unfinished handshakes. Channels made here live on.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
