using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using ScanEngineAdmin.Channel.Wire;

namespace ScanEngineAdmin.Channel.Handshake;

/// <summary>One accepted connection from its first byte to the verdict. Nothing of it outlives a refusal.</summary>
internal sealed class IncomingHandshake(
    AcceptContext context, SocketStream bytes, IPEndPoint remote, HandshakeGate.Admission admission)
{
    private readonly string _remote = remote.ToString();
    private ChannelStage _stage = ChannelStage.FirstBytes;
    private bool _waitsForPlace;

    private ChannelOptions Options => context.Runtime.Options;

    [SuppressMessage(
        "Design", "CA1031:Do not catch general exception types",
        Justification = "Whatever one stranger's bytes do, the listener lives on and says what happened.")]
    public async Task RunAsync(CancellationToken stopping)
    {
        using var deadline = new Deadline(Options.HandshakeTimeout, Options.Time, stopping);
        var tls = new SslStream(bytes, leaveInnerStreamOpen: false);
        IncomingPeer? peer = null;
        ChannelException? failure = null;
        try
        {
            HandshakeConnection connection = await SecureAsync(tls, deadline.Token).ConfigureAwait(false);
            _stage = ChannelStage.Hello;
            peer = await HearAsync(connection, deadline).ConfigureAwait(false);
            if (peer is not null)
            {
                await DecideAsync(peer, deadline).ConfigureAwait(false);
            }

            _stage = ChannelStage.Open;
            if (peer is not { IsWelcomed: true })
            {
                admission.Rest(bytes.Socket);
                await connection.EndWritingAsync(deadline.Token).ConfigureAwait(false);
                await connection.DrainAsync(Options.CloseTimeout, Options.Time, deadline.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (deadline.Token.IsCancellationRequested)
        {
            if (!stopping.IsCancellationRequested && _stage != ChannelStage.Open)
            {
                failure = _waitsForPlace
                    ? IncomingFailure.NoPlace(_remote, $"no place came free in {Options.HandshakeTimeout.TotalSeconds} s")
                    : FirstBytes.Foreign(bytes.Head) is null
                    ? IncomingFailure.TimedOut(bytes.Head, _remote, _stage, Options.HandshakeTimeout)
                    : IncomingFailure.Foreign(bytes.Head, _remote);
            }
        }
        catch (ChannelException e)
        {
            failure = e;
        }
        catch (Exception e)
        {
            failure = IncomingFailure.Tls(_remote, e);
        }
        finally
        {
            // First: a place that was never given back would be missing for the life of the listener.
            admission.Dispose();
            if (peer is not { IsWelcomed: true })
            {
                await tls.DisposeAsync().ConfigureAwait(false);
            }
        }

        // Only now: who hears of an end finds its place free.
        if (failure is not null)
        {
            Report(failure);
        }
    }

    private async Task<HandshakeConnection> SecureAsync(SslStream tls, CancellationToken cancellationToken)
    {
        const int recordHeader = 5;
        bool came = await FillAsync(recordHeader, cancellationToken).ConfigureAwait(false);
        int? length = came ? FirstBytes.RecordLength(bytes.Waiting) : null;
        if (length > TlsBounds.Handshake)
        {
            throw IncomingFailure.TooMuchTls(_remote);
        }

        if (length is null || !await FillAsync(length.Value, cancellationToken).ConfigureAwait(false))
        {
            await PeekAsync(cancellationToken).ConfigureAwait(false);
            throw IncomingFailure.Foreign(bytes.Head, _remote);
        }

        // Only now: who says nothing, or says it slowly, waits on its own time and not in another's place.
        await TakePlaceAsync(cancellationToken).ConfigureAwait(false);
        await admission.TakeTurnAsync(cancellationToken).ConfigureAwait(false);
        bytes.Turn = admission;
        _stage = ChannelStage.Tls;
        NodeIdentity shown = context.Keys.Present;
        bytes.Allow(Math.Min(TlsBounds.Handshake, length.Value + TlsBounds.AfterFirstRecord));
        try
        {
            if (context.Keys.Other is null)
            {
                await tls.AuthenticateAsServerAsync(TlsSettings.ForAcceptor(shown), cancellationToken)
                    .ConfigureAwait(false);
            }
            else
            {
                await tls.AuthenticateAsServerAsync(Choose, null, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is AuthenticationException or IOException or ObjectDisposedException)
        {
            throw bytes.IsOverdrawn ? IncomingFailure.TooMuchTls(_remote) : IncomingFailure.Tls(_remote, e);
        }

        bytes.Allow(TlsBounds.UntilVerdict);
        if (!TlsSettings.IsSound(tls.NegotiatedCipherSuite))
        {
            throw TlsFailure.WeakSuite(_remote, tls.NegotiatedCipherSuite);
        }

        return TlsSettings.PurposeOf(tls.NegotiatedApplicationProtocol) is null
            ? throw TlsFailure.NoCommonPurpose(_remote)
            : new HandshakeConnection(tls, bytes, _remote, shown.Fingerprint);

        // Two identities are this node's own while its certificate is replaced: it shows the one that is expected.
        ValueTask<SslServerAuthenticationOptions> Choose(
            SslStream stream, SslClientHelloInfo hello, object? state, CancellationToken token)
        {
            shown = context.Keys.For(hello.ServerName);
            return ValueTask.FromResult(TlsSettings.ForAcceptor(shown));
        }
    }

    private async Task TakePlaceAsync(CancellationToken cancellationToken)
    {
        TimeSpan wait = admission.Place.Estimate;
        if (wait > BusyAnswer.LongestWait)
        {
            if (BusyAnswer.IsUnderstood(bytes.Waiting))
            {
                await bytes.WriteAsync(BusyAnswer.After(wait), cancellationToken).ConfigureAwait(false);
                bytes.Socket.Shutdown(SocketShutdown.Send);
            }

            throw IncomingFailure.NoPlace(_remote, $"it would wait {wait.TotalSeconds:0} s for its turn");
        }

        Task taking = admission.Place.TakeAsync(cancellationToken);
        _waitsForPlace = !taking.IsCompleted;
        bool waited = _waitsForPlace;
        await taking.ConfigureAwait(false);
        _waitsForPlace = false;

        // Who has given up meanwhile costs no handshake.
        if (waited && bytes.Socket.Poll(TimeSpan.Zero, SelectMode.SelectRead) && bytes.Socket.Available == 0)
        {
            throw IncomingFailure.NoPlace(_remote, "the peer gave up while it waited for its turn");
        }
    }

    private async Task<bool> FillAsync(int count, CancellationToken cancellationToken)
    {
        try
        {
            return await bytes.FillAsync(count, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException)
        {
            return false;
        }
    }

    // What has come beyond the first bytes makes the name of a wrong client better; it is not waited for.
    private async Task PeekAsync(CancellationToken cancellationToken)
    {
        if (bytes.Socket.Available > 0)
        {
            await FillAsync(bytes.Waiting.Length + Math.Min(bytes.Socket.Available, 64), cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private async Task<IncomingPeer?> HearAsync(HandshakeConnection connection, Deadline deadline)
    {
        ChannelPurpose purpose = TlsSettings.PurposeOf(connection.Tls.NegotiatedApplicationProtocol)!.Value;
        if (!NodeIdentity.IsP256(connection.Certificate))
        {
            const string text = "The certificate is not an ECDSA P-256 certificate, so it is not a node's.";
            return await TurnAwayAsync(
                connection, RefusalCode.BadCertificate, text, ChannelFault.PeerNotTrusted, deadline.Token)
                .ConfigureAwait(false);
        }

        PeerHello hello;
        try
        {
            (FrameKind kind, byte[] payload) = await connection.ReadAsync(deadline.Token).ConfigureAwait(false);
            hello = kind == FrameKind.Hello
                ? HandshakeJson.Read<HelloMessage>(payload).ToHello()
                : throw new FormatException($"The first frame is {kind}, not Hello.");
        }
        catch (Exception e) when (
            e is FormatException || (e is ChannelException { Fault: ChannelFault.ProtocolViolation }))
        {
            return await TurnAwayAsync(
                connection, RefusalCode.BadHello, e.Message, ChannelFault.ProtocolViolation, deadline.Token)
                .ConfigureAwait(false);
        }

        int version = Math.Min(hello.MaxVersion, ChannelProtocol.MaxVersion);
        if (version < Math.Max(hello.MinVersion, ChannelProtocol.MinVersion))
        {
            string text = $"This node speaks protocol versions {ChannelProtocol.MinVersion} to "
                + $"{ChannelProtocol.MaxVersion}, the peer {hello.MinVersion} to {hello.MaxVersion}.";
            return await TurnAwayAsync(
                connection, RefusalCode.Incompatible, text, ChannelFault.VersionMismatch, deadline.Token)
                .ConfigureAwait(false);
        }

        return new IncomingPeer(connection, purpose, hello, version, context.Runtime, deadline, admission);
    }

    private async Task<IncomingPeer?> TurnAwayAsync(
        HandshakeConnection connection,
        RefusalCode code,
        string text,
        ChannelFault fault,
        CancellationToken cancellationToken)
    {
        Report(new ChannelException(fault, ChannelStage.Hello, _remote, $"{_remote} was refused ({code}): {text}")
        {
            Met = connection.Fingerprint,
        });
        await IncomingPeer.WriteRefusalAsync(connection, NewRefusal(code, text, null), cancellationToken)
            .ConfigureAwait(false);
        return null;
    }

    [SuppressMessage(
        "Design", "CA1031:Do not catch general exception types", Justification = "The owner's fault is reported.")]
    private async Task DecideAsync(IncomingPeer peer, Deadline deadline)
    {
        Exception? failure = null;
        try
        {
            await context.Decide(peer, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (deadline.Token.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e)
        {
            failure = e;
        }

        if (failure is not null)
        {
            Report(failure as ChannelException ?? IncomingFailure.Undecided(_remote, failure));
        }

        Refusal? missing = failure is not null
            ? NewRefusal(RefusalCode.Busy, "This node could not decide now; its log says why.", Options.PeerTimeout)
            : peer.HasAnswered
                ? null
                : NewRefusal(RefusalCode.Unspecified, "This node did not decide about the connection.", null);
        if (peer.TryTakeVerdict() && missing is not null)
        {
            await IncomingPeer.WriteRefusalAsync(peer.Connection, missing, deadline.Token).ConfigureAwait(false);
        }
    }

    private void Report(ChannelException reason) => context.Report(
        admission.Place.IsEvicted ? IncomingFailure.Evicted(_remote) : reason, remote.Address);

    private static Refusal NewRefusal(RefusalCode code, string text, TimeSpan? retryAfter) =>
        new(code, text, retryAfter, ChannelProtocol.MinVersion, ChannelProtocol.MaxVersion);
}
