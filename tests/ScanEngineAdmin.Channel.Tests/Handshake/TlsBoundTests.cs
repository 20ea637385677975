using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ScanEngineAdmin.Channel.Wire;

namespace ScanEngineAdmin.Channel.Tests.Handshake;

/// <summary>What a peer may have this side's TLS read before anybody knows who it is.</summary>
public sealed class TlsBoundTests
{
    public enum Stuffed
    {
        Chain,
        Extension,
        Subject,
    }

    [Theory]
    [InlineData(Stuffed.Chain, SslProtocols.Tls13, 4000)]
    [InlineData(Stuffed.Chain, SslProtocols.Tls12, 4000)]
    [InlineData(Stuffed.Extension, SslProtocols.Tls13, 4000)]
    [InlineData(Stuffed.Extension, SslProtocols.Tls12, 4000)]
    [InlineData(Stuffed.Subject, SslProtocols.Tls13, 4000)]
    [InlineData(Stuffed.Extension, SslProtocols.Tls13, 1500)]
    [InlineData(Stuffed.Extension, SslProtocols.Tls12, 1500)]
    public async Task A_dialler_that_shows_more_than_a_nodes_certificate_is_not_listened_to(
        Stuffed with, SslProtocols protocol, int bytes)
    {
        using Shown shown = Shown.Of(with, bytes);
        await using var acceptor = new Node(NodeRole.Console);
        await using var honest = new Node(NodeRole.Engine);
        (ChannelListener listener, _) = acceptor.Welcome();
        await using TlsClient tls = await TlsClient.ConnectAsync(listener);

        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            await tls.AuthenticateAsync(options =>
                (options.EnabledSslProtocols, options.ClientCertificateContext) = (protocol, shown.Context));
            await tls.Stream.ReadExactlyAsync(new byte[8]).AsTask().WaitAsync(Node.Patience);
        });

        ChannelException failure = await acceptor.NextFailureAsync();
        Assert.Equal((ChannelFault.LimitReached, ChannelStage.Tls), (failure.Fault, failure.Stage));
        Assert.Contains("no chain", failure.Message, StringComparison.Ordinal);
        await using PeerChannel next = await honest.OpenAsync(acceptor.At(listener));
    }

    [Theory]
    [InlineData(Stuffed.Chain)]
    [InlineData(Stuffed.Extension)]
    public async Task An_acceptor_that_shows_more_than_a_nodes_certificate_is_named_for_what_it_is(Stuffed with)
    {
        using Shown shown = Shown.Of(with, 6000);
        await using var dialler = new Node(NodeRole.Console);
        await using var server = new RawServer(async stream =>
        {
            await using var tls = new SslStream(stream);
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = shown.Context,
                ApplicationProtocols = [new(ChannelProtocol.ChannelAlpn), new(ChannelProtocol.PairingAlpn)],
            });
            await tls.CopyToAsync(Stream.Null);
        });

        ChannelException failure = await dialler.FailAsync(dialler.At(server.Port));

        Assert.Equal((ChannelFault.TlsIntercepted, ChannelStage.Tls), (failure.Fault, failure.Stage));
        Assert.Contains("device on the way", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_suite_that_leaks_by_its_timing_is_refused()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Only on Linux can a test choose the cipher suites.");
            return;
        }

        await using var acceptor = new Node(NodeRole.Console);
        await using var own = new Node(NodeRole.Engine);
        (ChannelListener listener, _) = acceptor.Welcome();
        await using TlsClient tls = await TlsClient.ConnectAsync(listener);
        var suites = new CipherSuitesPolicy([TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256]);
        await tls.AuthenticateAsync(options =>
        {
            options.EnabledSslProtocols = SslProtocols.Tls12;
            options.ClientCertificates = [own.Identity.Certificate];
            options.CipherSuitesPolicy = suites;
        });

        ChannelException failure = await acceptor.NextFailureAsync();
        Assert.Equal((ChannelFault.HandshakeFailed, ChannelStage.Tls), (failure.Fault, failure.Stage));
        Assert.Contains("CBC", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_suite_that_leaks_by_its_timing_is_refused_by_a_dialler_too()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Only on Linux can a test choose the cipher suites.");
            return;
        }

        var suites = new CipherSuitesPolicy([TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256]);
        await using var acceptor = new Node(NodeRole.Console);
        await using var dialler = new Node(NodeRole.Engine);
        await using var server = new RawServer(async stream =>
        {
            await using var tls = new SslStream(stream);
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = acceptor.Identity.TlsContext,
                EnabledSslProtocols = SslProtocols.Tls12,
                CipherSuitesPolicy = suites,
                ApplicationProtocols = [new(ChannelProtocol.ChannelAlpn)],
            });
            await tls.CopyToAsync(Stream.Null);
        });

        ChannelException failure = await dialler.FailAsync(acceptor.At(server.Port));

        Assert.Equal(ChannelStage.Tls, failure.Stage);
        Assert.Contains("CBC", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_first_record_longer_than_any_nodes_is_refused_by_its_length_alone()
    {
        await using var acceptor = new Node(NodeRole.Console);
        (ChannelListener listener, _) = acceptor.Welcome();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, listener.EndPoint.Port);

        // The record itself never comes: whoever waited for it would hold room for it until the deadline.
        await client.GetStream().WriteAsync(new byte[] { 22, 3, 1, 0x3F, 0x00 });

        ChannelException failure = await acceptor.NextFailureAsync();
        Assert.Equal(ChannelFault.LimitReached, failure.Fault);
        Assert.Equal(0, await client.GetStream().ReadAsync(new byte[8]).AsTask().WaitAsync(Node.Patience));
    }

    /// <summary>A certificate with its key that is larger than a node's in one of several ways.</summary>
    /// <summary>By its length alone: nothing is kept for what a peer only says it will send.</summary>
    [Fact]
    public async Task A_frame_that_is_longer_than_a_handshake_has_is_not_waited_for()
    {
        await using var acceptor = new Node(NodeRole.Console);
        (ChannelListener listener, _) = acceptor.Welcome();
        using NodeIdentity dialler = NodeIdentity.Create(Guid.NewGuid(), TimeProvider.System);
        await using TlsClient tls = await TlsClient.ConnectAsync(listener);
        await tls.AuthenticateAsync(options => options.ClientCertificates = [dialler.Certificate]);
        byte[] start = new byte[FrameHeader.Size];
        new FrameHeader((8 * 1024) + 1, FrameKind.Hello, 0).Write(start);

        await tls.Stream.WriteAsync(start);

        ChannelException failure = await acceptor.NextFailureAsync();
        Assert.Equal(ChannelFault.ProtocolViolation, failure.Fault);
        Assert.Contains("more than 8192 bytes", failure.Message, StringComparison.Ordinal);
    }

    private sealed class Shown : IDisposable
    {
        private readonly List<X509Certificate2> _made = [];

        public required SslStreamCertificateContext Context { get; init; }

        public static Shown Of(Stuffed with, int bytes)
        {
            var made = new List<X509Certificate2>();
            using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            string subject = with == Stuffed.Subject
                ? string.Join(", ", Enumerable.Range(0, bytes / 60).Select(i => $"OU={new string('u', 50)}{i}"))
                : "CN=leaf";
            var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
            if (with == Stuffed.Extension)
            {
                request.CertificateExtensions.Add(new X509Extension("1.2.3.4.5", new byte[bytes], critical: false));
            }

            X509Certificate2? issuer = null;
            for (int size = 0; with == Stuffed.Chain && size < bytes; size += 350)
            {
                issuer = Issued($"CN=authority {size}", issuer);
                made.Add(issuer);
            }

            DateTimeOffset now = DateTimeOffset.UtcNow;
            X509Certificate2 leaf = issuer is null
                ? request.CreateSelfSigned(now.AddHours(-1), now.AddDays(1))
                : request.Create(issuer, now.AddHours(-1), now.AddDays(1), [9, 9]).CopyWithPrivateKey(key);
            made.Add(leaf);
            X509Certificate2Collection others = [.. made.Where(one => one != leaf)];
            var shown = new Shown { Context = SslStreamCertificateContext.Create(leaf, others, offline: true) };
            shown._made.AddRange(made);
            return shown;
        }

        public void Dispose() => _made.ForEach(one => one.Dispose());

        private static X509Certificate2 Issued(string subject, X509Certificate2? issuer)
        {
            ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            DateTimeOffset now = DateTimeOffset.UtcNow;
            return issuer is null
                ? request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30))
                : request.Create(
                    issuer, issuer.NotBefore, issuer.NotAfter, RandomNumberGenerator.GetBytes(8))
                    .CopyWithPrivateKey(key);
        }
    }
}
