using System.Net;

namespace ScanEngineAdmin.Channel;

/// <summary>
/// A connection that has finished TLS and said hello, and waits for the verdict. Nothing was allocated for it beyond
/// this. Whoever takes it welcomes or refuses it; if neither happens it is closed.
/// </summary>
public sealed class IncomingPeer
{
    public ChannelPurpose Purpose => throw new NotImplementedException();

    public PeerHello Hello => throw new NotImplementedException();

    public Fingerprint Fingerprint => throw new NotImplementedException();

    public IPEndPoint Remote => throw new NotImplementedException();

    public IPEndPoint Local => throw new NotImplementedException();

    /// <summary>For <see cref="ChannelPurpose.Channel"/>: answers Welcome and makes the channel.</summary>
    public Task<PeerChannel> WelcomeAsync(PeerHello hello, IPeerHandler handler, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Answers Refuse and closes.</summary>
    public Task RefuseAsync(Refusal refusal, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>For <see cref="ChannelPurpose.Pairing"/>: sends one message.</summary>
    public Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>For <see cref="ChannelPurpose.Pairing"/>: receives one message.</summary>
    public Task<byte[]> ReceiveAsync(CancellationToken cancellationToken) => throw new NotImplementedException();
}
