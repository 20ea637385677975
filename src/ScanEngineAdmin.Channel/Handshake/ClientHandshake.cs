using System.Net.Security;
using System.Net.Sockets;
using ScanEngineAdmin.Channel.Wire;

namespace ScanEngineAdmin.Channel.Handshake;

/// <summary>
/// One dial, from the connected socket to the hello sent; knows how far it came when its time is over.
/// </summary>
internal sealed class ClientHandshake(
    NodeIdentity identity, ChannelOptions options, DialTarget target, ChannelPurpose purpose)
{
    private ChannelStage _stage = ChannelStage.Tls;
    private SocketStream? _bytes;

    /// <summary>Runs <paramref name="talk"/> on the secured connection, which it owns only if it returns.</summary>
    public async Task<T> RunAsync<T>(
        Socket socket,
        byte[] hello,
        Deadline deadline,
        Func<HandshakeConnection, CancellationToken, Task<T>> talk,
        CancellationToken cancellationToken)
    {
        var bytes = new SocketStream(socket);
        _bytes = bytes;
        var tls = new SslStream(bytes, leaveInnerStreamOpen: false);
        try
        {
            HandshakeConnection connection = await SecureAsync(tls, bytes, deadline.Token).ConfigureAwait(false);
            _stage = ChannelStage.Hello;
            await connection.WriteAsync(FrameKind.Hello, hello, deadline.Token).ConfigureAwait(false);
            T result = await talk(connection, deadline.Token).ConfigureAwait(false);
            return result;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Before the socket is closed: afterwards nobody can tell what was still under way.
            ChannelException late = TimedOut(TransportFacts.Of(socket));
            await tls.DisposeAsync().ConfigureAwait(false);
            throw late;
        }
        catch (OperationCanceledException e) when (e.CancellationToken != cancellationToken)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
        catch
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private ChannelException TimedOut(TransportFacts? facts) => FirstBytes.Foreign(_bytes!.Head) is null
        ? TlsFailure.TimedOut(_bytes.Head, target.EndPoint, _stage, options.HandshakeTimeout, facts)
        : TlsFailure.Explain(_bytes.Head, target.EndPoint, null);

    private async Task<HandshakeConnection> SecureAsync(
        SslStream tls, SocketStream bytes, CancellationToken cancellationToken)
    {
        var judge = new PeerJudge(target, purpose);
        bytes.Allow(TlsBounds.Handshake);
        try
        {
            await tls.AuthenticateAsClientAsync(
                TlsSettings.ForDialler(identity, target, purpose, judge.Validate), cancellationToken)
                .ConfigureAwait(false);
            // Once more, as a resumed session is not bound to run the callback.
            if (judge.Judge(tls.RemoteCertificate) is { } verdict)
            {
                throw verdict;
            }

            bytes.Allow(TlsBounds.UntilVerdict);
            if (!TlsSettings.IsSound(tls.NegotiatedCipherSuite))
            {
                throw TlsFailure.WeakSuite(target.EndPoint, tls.NegotiatedCipherSuite);
            }

            return TlsSettings.PurposeOf(tls.NegotiatedApplicationProtocol) == purpose
                ? new HandshakeConnection(tls, bytes, target.EndPoint, identity.Fingerprint)
                : throw TlsFailure.NoCommonPurpose(target.EndPoint);
        }
        catch (Exception e) when (e is not (OperationCanceledException or ChannelException))
        {
            throw judge.Verdict ?? (bytes.IsOverdrawn
                ? TlsFailure.TooMuch(target.EndPoint)
                : TlsFailure.Explain(bytes.Head, target.EndPoint, e));
        }
    }
}
