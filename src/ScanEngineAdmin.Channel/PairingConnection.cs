using ScanEngineAdmin.Channel.Handshake;
using ScanEngineAdmin.Channel.Wire;

namespace ScanEngineAdmin.Channel;

/// <summary>
/// The dialling end of a connection that is to become a pairing: bounded JSON messages in turn, all within one
/// handshake timeout. It never becomes a channel.
/// </summary>
public sealed class PairingConnection : IAsyncDisposable
{
    private readonly PeerHello _own;
    private readonly Deadline _deadline;
    private readonly TimeSpan _limit;

    internal PairingConnection(HandshakeConnection connection, PeerHello own, Deadline deadline, TimeSpan limit)
    {
        Connection = connection;
        _own = own;
        _deadline = deadline;
        _limit = limit;
    }

    /// <summary>
    /// The peer's proved identity (and, once received, its hello in the first message of the layer above).
    /// </summary>
    public Fingerprint PeerFingerprint => Connection.Fingerprint;

    public System.Net.IPEndPoint Remote => Connection.Remote;

    internal HandshakeConnection Connection { get; }

    /// <summary>Sends one message of at most <see cref="ChannelProtocol.MaxHandshakePayload"/> bytes.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(_deadline.Token, cancellationToken);
        try
        {
            await Connection.WriteAsync(FrameKind.Pair, message, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw TimedOut();
        }
    }

    /// <summary>
    /// Receives one message; throws ChannelException (Refused with the refusal) when the peer refuses instead.
    /// </summary>
    public async Task<byte[]> ReceiveAsync(CancellationToken cancellationToken)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(_deadline.Token, cancellationToken);
        try
        {
            (FrameKind kind, byte[] payload) = await Connection.ReadAsync(both.Token).ConfigureAwait(false);
            return kind switch
            {
                FrameKind.Pair => payload,
                FrameKind.Refuse => throw PeerVerdict.Refused(Connection, payload, _own),
                _ => throw Connection.Violation($"{kind} in a pairing"),
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw TimedOut();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_deadline.Token.IsCancellationRequested)
        {
            await Connection.EndWritingAsync(_deadline.Token).ConfigureAwait(false);
        }

        await Connection.DisposeAsync().ConfigureAwait(false);
        _deadline.Dispose();
    }

    private ChannelException TimedOut() =>
        TlsFailure.TimedOut([], Connection.EndPoint, ChannelStage.Hello, _limit);
}
