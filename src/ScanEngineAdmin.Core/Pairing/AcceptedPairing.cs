using System.Net;
using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Core.Pairing;

/// <summary>The accepting end.</summary>
internal sealed class AcceptedPairing(IncomingPeer peer) : IPairingMessages
{
    public Fingerprint PeerFingerprint => peer.Fingerprint;

    public IPAddress? RemoteAddress => PlainAddress.Of(peer.Remote.Address);

    public Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken) =>
        peer.SendAsync(message, cancellationToken);

    public Task<byte[]> ReceiveAsync(CancellationToken cancellationToken) => peer.ReceiveAsync(cancellationToken);

    public Task RefuseAsync(Refusal refusal, CancellationToken cancellationToken) =>
        peer.RefuseAsync(refusal, cancellationToken);
}
