namespace ScanEngineAdmin.Channel;

/// <summary>Dials a peer: name, connection, TLS with the pin decided in its callback, hello, verdict.</summary>
public sealed class ChannelDialer
{
    public ChannelDialer(NodeIdentity identity, ChannelRuntime runtime) => throw new NotImplementedException($"{identity}{runtime}");

    /// <summary>Opens a channel; returns only after the peer's Welcome.</summary>
    /// <exception cref="ChannelException">Says stage, endpoint and fault; Refused carries the peer's refusal.</exception>
    public Task<PeerChannel> OpenChannelAsync(
        DialTarget target, PeerHello hello, IPeerHandler handler, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Opens a connection to become paired; its messages are the pairing's.</summary>
    public Task<PairingConnection> OpenPairingAsync(
        DialTarget target, PeerHello hello, CancellationToken cancellationToken) => throw new NotImplementedException();
}
