using System.Net;
using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Core.Pairing;

/// <summary>The dialling end.</summary>
internal sealed class DialledPairing(PairingConnection connection) : IPairingMessages
{
    public Fingerprint PeerFingerprint => connection.PeerFingerprint;

    public IPAddress? RemoteAddress => PlainAddress.Of(connection.Remote.Address);

    public Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken) =>
        connection.SendAsync(message, cancellationToken);

    public Task<byte[]> ReceiveAsync(CancellationToken cancellationToken) => connection.ReceiveAsync(cancellationToken);

    public async Task RefuseAsync(Refusal refusal, CancellationToken cancellationToken) =>
        await connection.DisposeAsync().ConfigureAwait(false);
}
