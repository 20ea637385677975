using System.Net;
using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Core.Pairing;

/// <summary>The messages of one pairing, in turn; the dialled and the accepted connection are the two of it.</summary>
internal interface IPairingMessages
{
    Fingerprint PeerFingerprint { get; }

    IPAddress? RemoteAddress { get; }

    Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken);

    /// <exception cref="ChannelException">Refused, when the peer refuses instead.</exception>
    Task<byte[]> ReceiveAsync(CancellationToken cancellationToken);

    /// <summary>Says why and ends it. Only an acceptor's verdict crosses the wire; a dialler just hangs up.</summary>
    Task RefuseAsync(Refusal refusal, CancellationToken cancellationToken);
}
