namespace ScanEngineAdmin.Channel;

/// <summary>
/// The dialling end of a connection that is to become a pairing: bounded JSON messages in turn, all within one
/// handshake timeout. It never becomes a channel.
/// </summary>
public sealed class PairingConnection : IAsyncDisposable
{
    /// <summary>The peer's proved identity (and, once received, its hello in the first message of the layer above).</summary>
    public Fingerprint PeerFingerprint => throw new NotImplementedException();

    public System.Net.IPEndPoint Remote => throw new NotImplementedException();

    /// <summary>Sends one message of at most <see cref="ChannelProtocol.MaxHandshakePayload"/> bytes.</summary>
    public Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Receives one message; throws ChannelException (Refused with the refusal) when the peer refuses instead.</summary>
    public Task<byte[]> ReceiveAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
