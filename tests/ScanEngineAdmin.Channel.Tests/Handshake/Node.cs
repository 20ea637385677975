using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using ScanEngineAdmin.Channel.Handshake;
using ScanEngineAdmin.Channel.Tests.Support;

namespace ScanEngineAdmin.Channel.Tests.Handshake;

/// <summary>One node of a test: identity, hello, dialler, and a listener whose decisions the test makes.</summary>
internal sealed class Node : IAsyncDisposable
{
    public static readonly TimeSpan Patience = Wait.Bound;
    private readonly Channel<(ChannelException Reason, IPAddress Remote)> _failures =
        System.Threading.Channels.Channel.CreateUnbounded<(ChannelException, IPAddress)>();

    private readonly ConcurrentBag<ChannelListener> _listeners = [];

    public Node(NodeRole role, ChannelOptions? options = null, NodeIdentity? identity = null)
    {
        Hello = new PeerHello { Role = role, NodeId = Guid.NewGuid(), Name = role.ToString(), Product = "1.2.3" };
        Identity = identity ?? NodeIdentity.Create(Hello.NodeId, TimeProvider.System);
        Runtime = new ChannelRuntime(options ?? new ChannelOptions());
        Dialer = new ChannelDialer(Identity, Runtime);
    }

    public PeerHello Hello { get; }

    public NodeIdentity Identity { get; }

    public ChannelRuntime Runtime { get; }

    public ChannelDialer Dialer { get; }

    public ChannelListener Listen(
        Func<IncomingPeer, CancellationToken, Task> decide, int port = 0, IPAddress? address = null)
    {
        var listener = ChannelListener.Start(
            new IPEndPoint(address ?? IPAddress.Loopback, port), Identity, Runtime, decide);
        listener.HandshakeFailed = (reason, remote) => _failures.Writer.TryWrite((reason, remote));
        _listeners.Add(listener);
        return listener;
    }

    /// <summary>Listens and welcomes everybody; the channels made come out of the returned reader.</summary>
    public (ChannelListener Listener, ChannelReader<PeerChannel> Made) Welcome(IPAddress? address = null)
    {
        Channel<PeerChannel> made = System.Threading.Channels.Channel.CreateUnbounded<PeerChannel>();
        ChannelListener listener = Listen(
            async (peer, token) => made.Writer.TryWrite(await peer.WelcomeAsync(Hello, new NoHandler(), token)),
            address: address);
        return (listener, made.Reader);
    }

    /// <summary>For a test of what only TLS itself says; the one for tests under Wine says other words.</summary>
    public static void RequirePlatformTls()
    {
        if (typeof(PeerChannel).Assembly.GetType("ScanEngineAdmin.SslStream") is not null)
        {
            Assert.Skip("needs the platform's TLS");
        }
    }

    public ChannelListener Refuse(Refusal refusal) => Listen((peer, token) => peer.RefuseAsync(refusal, token));

    public async Task<ChannelException> NextFailureAsync() =>
        (await _failures.Reader.ReadAsync().AsTask().WaitAsync(Patience)).Reason;

    public DialTarget At(ChannelListener listener, params Fingerprint[] pins) =>
        At(listener.EndPoint.Port, pins);

    public DialTarget At(int port, params Fingerprint[] pins) =>
        new("127.0.0.1", port, pins.Length > 0 ? pins : [Identity.Fingerprint]);

    public Task<PeerChannel> OpenAsync(DialTarget target, PeerHello? hello = null) =>
        Dialer.OpenChannelAsync(target, hello ?? Hello, new NoHandler(), CancellationToken.None).WaitAsync(Patience);

    public async Task<ChannelException> FailAsync(DialTarget target, PeerHello? hello = null) =>
        await Assert.ThrowsAsync<ChannelException>(() => OpenAsync(target, hello));

    /// <summary>TLS to a listener without this library's dialler: to say in it what the library never would.</summary>
    public async Task<SslStream> SecureAsync(int port, ChannelPurpose purpose = ChannelPurpose.Channel)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port).WaitAsync(Patience);
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await tls.AuthenticateAsClientAsync(TlsSettings.ForDialler(
            Identity, At(port), purpose, (_, certificate, _, _) => certificate is not null)).WaitAsync(Patience);
        return tls;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ChannelListener listener in _listeners)
        {
            await listener.DisposeAsync();
        }

        Runtime.Dispose();
        Identity.Dispose();
    }

    public static NodeIdentity IdentityOf(
        DateTimeOffset notBefore, DateTimeOffset notAfter, X509Certificate2? issuer = null)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=node", key, HashAlgorithmName.SHA256);
        using X509Certificate2 made = issuer is null
            ? request.CreateSelfSigned(notBefore, notAfter)
            : request.Create(issuer, notBefore, notAfter, [1, 2, 3, 4]);
        return NodeIdentity.FromPem(made.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    public static X509Certificate2 Authority(string name)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
    }

    public static X509Certificate2 Rsa()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=rsa", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 made =
            request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }

    internal sealed class NoHandler : IPeerHandler
    {
        public ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
            PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
            ValueTask.FromResult(ReadOnlyMemory<byte>.Empty);

        public Task OnStreamAsync(PeerChannel channel, ChannelStream stream, CancellationToken cancellationToken) =>
            Task.CompletedTask;
    }
}
