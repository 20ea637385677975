using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace ScanEngineAdmin;

/// <summary>
/// Test only: the order and the outer form of TLS 1.3 without its secrecy. Wine's TLS cannot use the keys that Wine's
/// key store lacks. Hello, certificates and application protocols are exchanged as in TLS and judged by the same
/// callbacks; what is said afterwards is in records and in the clear.
/// </summary>
public sealed class SslStream : Stream
{
    private const byte Refused = 42;
    private const byte NoApplicationProtocol = 120;
    private const byte CloseNotify = 0;

    private readonly TlsRecords _records;
    private readonly RemoteCertificateValidationCallback? _validate;
    private ReadOnlyMemory<byte> _unread;
    private bool _ended;

    public SslStream(
        Stream innerStream, bool leaveInnerStreamOpen = false,
        RemoteCertificateValidationCallback? userCertificateValidationCallback = null)
    {
        _ = leaveInnerStreamOpen;
        _records = new TlsRecords(innerStream);
        _validate = userCertificateValidationCallback;
    }

    public X509Certificate? RemoteCertificate { get; private set; }

    public SslApplicationProtocol NegotiatedApplicationProtocol { get; private set; }

    public TlsCipherSuite NegotiatedCipherSuite { get; } = TlsCipherSuite.TLS_AES_256_GCM_SHA384;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public Task AuthenticateAsClientAsync(string targetHost) =>
        AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = targetHost });

    public async Task AuthenticateAsClientAsync(
        SslClientAuthenticationOptions options, CancellationToken cancellationToken = default)
    {
        await _records.WriteAsync(
            TlsRecords.Handshake,
            TlsText.Of(options.TargetHost ?? string.Empty, options.ApplicationProtocols ?? []),
            cancellationToken).ConfigureAwait(false);
        byte[] answer = await HandshakeAsync(cancellationToken).ConfigureAwait(false);
        (string chosen, byte[][] shown) = TlsText.ReadCertificates(answer);
        NegotiatedApplicationProtocol = chosen.Length > 0 ? new SslApplicationProtocol(chosen) : default;
        await JudgeAsync(shown, options.RemoteCertificateValidationCallback ?? _validate, cancellationToken)
            .ConfigureAwait(false);
        await _records.WriteAsync(
            TlsRecords.Handshake,
            TlsText.OfCertificates(string.Empty, options.Shown, options.ClientCertificateContext?.Others),
            cancellationToken).ConfigureAwait(false);
    }

    public Task AuthenticateAsServerAsync(X509Certificate serverCertificate) =>
        AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = serverCertificate });

    public Task AuthenticateAsServerAsync(
        X509Certificate serverCertificate, bool clientCertificateRequired, SslProtocols enabledSslProtocols,
        bool checkCertificateRevocation) =>
        AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificate = serverCertificate,
            ClientCertificateRequired = clientCertificateRequired,
            EnabledSslProtocols = enabledSslProtocols,
        });

    public Task AuthenticateAsServerAsync(
        SslServerAuthenticationOptions options, CancellationToken cancellationToken = default) =>
        AuthenticateAsServerAsync((_, _, _, _) => ValueTask.FromResult(options), null, cancellationToken);

    public async Task AuthenticateAsServerAsync(
        ServerOptionsSelectionCallback optionsCallback, object? state, CancellationToken cancellationToken = default)
    {
        byte[] hello = await HandshakeAsync(cancellationToken).ConfigureAwait(false);
        (string name, SslApplicationProtocol[] offered) = TlsText.Read(hello);
        SslServerAuthenticationOptions options =
            await optionsCallback(this, new SslClientHelloInfo(name), state, cancellationToken).ConfigureAwait(false);
        List<SslApplicationProtocol> own = options.ApplicationProtocols ?? [];
        if (own.Count > 0 && offered.Length > 0)
        {
            NegotiatedApplicationProtocol = own.FirstOrDefault(offered.Contains);
            if (NegotiatedApplicationProtocol == default)
            {
                await AlertAsync(NoApplicationProtocol, cancellationToken).ConfigureAwait(false);
                throw new AuthenticationException("The peers have no application protocol in common.");
            }
        }

        await _records.WriteAsync(
            TlsRecords.Handshake,
            TlsText.OfCertificates(
                NegotiatedApplicationProtocol.ToString(), options.Shown, options.ServerCertificateContext?.Others),
            cancellationToken).ConfigureAwait(false);
        byte[] answer = await HandshakeAsync(cancellationToken).ConfigureAwait(false);
        (_, byte[][] shown) = TlsText.ReadCertificates(answer);
        if (options.ClientCertificateRequired || shown.Length > 0)
        {
            await JudgeAsync(shown, options.RemoteCertificateValidationCallback ?? _validate, cancellationToken)
                .ConfigureAwait(false);
        }

        // What a session's ticket is in TLS: a dialler reads over it.
        await _records.WriteAsync(TlsRecords.Handshake, (byte[])[1], cancellationToken).ConfigureAwait(false);
    }

    public async Task ShutdownAsync() =>
        await _records.WriteAsync(TlsRecords.Alert, (byte[])[1, CloseNotify], CancellationToken.None).ConfigureAwait(false);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_unread.IsEmpty && !_ended)
        {
            (byte kind, _unread) = await _records.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (kind == TlsRecords.Handshake)
            {
                _unread = default;
            }

            _ended = kind is TlsRecords.Alert or TlsRecords.End;
        }

        if (_ended)
        {
            return 0;
        }

        int read = Math.Min(buffer.Length, _unread.Length);
        _unread[..read].CopyTo(buffer);
        _unread = _unread[read..];
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            int length = Math.Min(buffer.Length, TlsRecords.Longest);
            await _records.WriteAsync(TlsRecords.Data, buffer[..length], cancellationToken).ConfigureAwait(false);
            buffer = buffer[length..];
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => _records.FlushAsync(cancellationToken);

    public override void Flush() => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _records.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task<byte[]> HandshakeAsync(CancellationToken cancellationToken)
    {
        (byte kind, ReadOnlyMemory<byte> said) = await _records.ReadAsync(cancellationToken).ConfigureAwait(false);
        return kind switch
        {
            TlsRecords.Handshake => said.ToArray(),
            TlsRecords.End => throw new IOException("The peer ended the connection within the handshake."),
            TlsRecords.Alert => throw new AuthenticationException("The peer ended the handshake with an alert."),
            _ => throw new AuthenticationException("The peer sent a record of another kind within the handshake."),
        };
    }

    private async Task JudgeAsync(
        byte[][] shown, RemoteCertificateValidationCallback? validate, CancellationToken cancellationToken)
    {
        X509Certificate2? certificate = shown.Length > 0 ? new X509Certificate2(shown[0], (byte[]?)null) : null;
        RemoteCertificate = certificate;
        SslPolicyErrors errors = certificate is null
            ? SslPolicyErrors.RemoteCertificateNotAvailable
            : SslPolicyErrors.RemoteCertificateChainErrors;
        if (validate is null || !validate(this, certificate, null, errors))
        {
            await AlertAsync(Refused, cancellationToken).ConfigureAwait(false);
            throw new AuthenticationException("The peer's certificate was refused.");
        }
    }

    private Task AlertAsync(byte reason, CancellationToken cancellationToken) =>
        _records.WriteAsync(TlsRecords.Alert, (byte[])[2, reason], cancellationToken).AsTask();
}
