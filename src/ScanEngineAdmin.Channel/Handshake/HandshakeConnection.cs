using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ScanEngineAdmin.Channel.Wire;

namespace ScanEngineAdmin.Channel.Handshake;

/// <summary>A connection that has finished TLS: the handshake's frames, the same on both ends.</summary>
internal sealed class HandshakeConnection : IAsyncDisposable
{
    // What a refused peer may still have on the way is a hello and a few messages, never more.
    private const int MostDrained = 64 * 1024;

    public HandshakeConnection(SslStream tls, SocketStream bytes, string endPoint, Fingerprint own)
    {
        Shown = own;
        Tls = tls;
        Bytes = bytes;
        EndPoint = endPoint;
        Remote = PlainAddress.Of((IPEndPoint)bytes.Socket.RemoteEndPoint!);
        Local = PlainAddress.Of((IPEndPoint)bytes.Socket.LocalEndPoint!);
        X509Certificate shown = tls.RemoteCertificate
            ?? throw new AuthenticationException("The peer has shown no certificate.");
        Certificate = shown as X509Certificate2 ?? new X509Certificate2(shown);
        Fingerprint = Fingerprint.Of(Certificate);
    }

    public SslStream Tls { get; }

    public SocketStream Bytes { get; }

    /// <summary>The other end as the operator knows it: the endpoint dialled, or the address seen.</summary>
    public string EndPoint { get; }

    public IPEndPoint Remote { get; }

    public IPEndPoint Local { get; }

    public X509Certificate2 Certificate { get; }

    public Fingerprint Fingerprint { get; }

    /// <summary>The identity that this end showed.</summary>
    public Fingerprint Shown { get; }

    public async Task WriteAsync(FrameKind kind, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        if (payload.Length > ChannelProtocol.MaxHandshakePayload)
        {
            throw new ArgumentException(
                $"A handshake frame carries at most {ChannelProtocol.MaxHandshakePayload} bytes.", nameof(payload));
        }

        byte[] frame = new byte[FrameHeader.Size + payload.Length];
        new FrameHeader(payload.Length, kind, 0).Write(frame);
        payload.CopyTo(frame.AsMemory(FrameHeader.Size));
        try
        {
            await Tls.WriteAsync(frame, cancellationToken).ConfigureAwait(false);
            await Tls.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsCut(e))
        {
            throw Cut($"{EndPoint} cut the connection while {kind} was sent to it", e);
        }
    }

    public async Task<(FrameKind Kind, byte[] Payload)> ReadAsync(CancellationToken cancellationToken)
    {
        byte[] start = new byte[FrameHeader.Size];
        await FillAsync(start, cancellationToken).ConfigureAwait(false);
        if (!FrameHeader.TryRead(
            start, ChannelProtocol.MaxHandshakePayload, out FrameHeader header, out FrameError error))
        {
            throw Violation(error == FrameError.TooLong
                ? $"a frame of more than {ChannelProtocol.MaxHandshakePayload} bytes in the handshake"
                : "a frame of a kind this version does not know");
        }

        if (header.Id != 0)
        {
            throw Violation("a handshake frame with an id");
        }

        byte[] payload = new byte[header.Length];
        await FillAsync(payload, cancellationToken).ConfigureAwait(false);
        return (header.Kind, payload);
    }

    public ChannelException Violation(string what, Exception? inner = null) =>
        new(ChannelFault.ProtocolViolation, ChannelStage.Hello, EndPoint, $"{EndPoint} sent {what}.", inner);

    /// <summary>Says that nothing more comes from this side; the peer can still read all that was sent.</summary>
    public async Task EndWritingAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Tls.ShutdownAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            await Tls.FlushAsync(cancellationToken).ConfigureAwait(false);
            Bytes.Socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (IsCut(e)
            || e is SocketException or InvalidOperationException or OperationCanceledException)
        {
            // The peer has gone already, or takes nothing any more: it will not be told, and needs not be.
        }
    }

    /// <summary>
    /// Takes what the peer still sends until it closes. Closing over unread bytes makes the kernel send a reset, which
    /// would destroy the refusal on its way.
    /// </summary>
    public async Task DrainAsync(TimeSpan most, TimeProvider time, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(most, time, cancellationToken);
        byte[] unread = new byte[1024];
        int drained = 0;
        try
        {
            int got;
            while (drained < MostDrained
                && (got = await Bytes.Socket.ReceiveAsync(unread, SocketFlags.None, deadline.Token)
                    .ConfigureAwait(false)) > 0)
            {
                drained += got;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // A peer that keeps its end open for longer is closed over.
        }
    }

    /// <summary>Hands the connection over: whoever calls this does not dispose it any more.</summary>
    public PeerChannel BecomeChannel(
        PeerHello peer, int version, bool dialled, IPeerHandler handler, ChannelRuntime runtime)
    {
        Bytes.StartBuffering();
        var channel = new PeerChannel(
            Tls,
            new PeerInfo(peer, Fingerprint, Remote, Local, dialled, version) { ShownFingerprint = Shown },
            handler,
            runtime)
        {
            Socket = Bytes.Socket,
        };
        channel.Start();
        return channel;
    }

    public ValueTask DisposeAsync() => Tls.DisposeAsync();

    private static bool IsCut(Exception e) => e is IOException or ObjectDisposedException or AuthenticationException;

    private async Task FillAsync(byte[] buffer, CancellationToken cancellationToken)
    {
        int got;
        try
        {
            got = await Tls.ReadAtLeastAsync(buffer, buffer.Length, false, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsCut(e))
        {
            throw Cut($"{EndPoint} finished TLS and then cut the connection without an answer", e);
        }

        if (got < buffer.Length)
        {
            throw Cut($"{EndPoint} finished TLS and then closed the connection without an answer", null);
        }
    }

    private ChannelException Cut(string what, Exception? inner) => new(
        ChannelFault.HandshakeFailed,
        ChannelStage.Hello,
        EndPoint,
        inner is null ? $"{what}. The log of the other side says why." : $"{what} ({inner.Message}).",
        inner);
}
