using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using ScanEngineAdmin.Channel.Handshake;

namespace ScanEngineAdmin.Channel.Tests.Handshake;

public sealed class TrustTests
{
    [Fact]
    public async Task A_peer_that_is_not_pinned_is_named_and_the_acceptor_lives_on()
    {
        await using var dialler = new Node(NodeRole.Console);
        await using var acceptor = new Node(NodeRole.Engine);
        (ChannelListener listener, _) = acceptor.Welcome();

        ChannelException failure = await dialler.FailAsync(
            acceptor.At(listener, dialler.Identity.Fingerprint));

        Assert.Equal(ChannelFault.PeerNotTrusted, failure.Fault);
        Assert.Equal(ChannelStage.Identity, failure.Stage);
        Assert.Equal(acceptor.Identity.Fingerprint, failure.Met);
        Assert.Contains(acceptor.Identity.Fingerprint.ToString(), failure.Message, StringComparison.Ordinal);
        await using PeerChannel next = await dialler.OpenAsync(acceptor.At(listener));
    }

    [Fact]
    public async Task One_of_two_pins_is_enough()
    {
        await using var dialler = new Node(NodeRole.Console);
        await using var acceptor = new Node(NodeRole.Engine);
        (ChannelListener listener, _) = acceptor.Welcome();

        await using PeerChannel channel = await dialler.OpenAsync(
            acceptor.At(listener, dialler.Identity.Fingerprint, acceptor.Identity.Fingerprint));

        Assert.Equal(acceptor.Identity.Fingerprint, channel.Peer.Fingerprint);
    }

    [Fact]
    public async Task A_certificate_issued_by_somebody_else_is_an_interception_and_names_the_issuer()
    {
        using X509Certificate2 authority = Node.Authority("CN=Corporate Web Filter");
        using NodeIdentity issued = Node.IdentityOf(
            DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1), authority);
        await using var dialler = new Node(NodeRole.Console);
        await using var proxy = new Node(NodeRole.Engine, identity: issued);
        (ChannelListener listener, _) = proxy.Welcome();

        ChannelException failure = await dialler.FailAsync(
            proxy.At(listener, dialler.Identity.Fingerprint));

        Assert.Equal(ChannelFault.TlsIntercepted, failure.Fault);
        Assert.Equal(issued.Fingerprint, failure.Met);
        Assert.Contains("'CN=Corporate Web Filter'", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-20, -10)]
    [InlineData(10, 20)]
    public async Task A_certificate_outside_its_dates_still_works(int from, int to)
    {
        using NodeIdentity first = Node.IdentityOf(
            DateTimeOffset.UtcNow.AddDays(from), DateTimeOffset.UtcNow.AddDays(to));
        using NodeIdentity second = Node.IdentityOf(
            DateTimeOffset.UtcNow.AddDays(from), DateTimeOffset.UtcNow.AddDays(to));
        await using var dialler = new Node(NodeRole.Console, identity: first);
        await using var acceptor = new Node(NodeRole.Engine, identity: second);
        (ChannelListener listener, _) = acceptor.Welcome();

        await using PeerChannel channel = await dialler.OpenAsync(acceptor.At(listener));

        Assert.Equal(second.Fingerprint, channel.Peer.Fingerprint);
    }

    [Fact]
    public async Task A_revocation_between_two_connections_is_seen_by_a_resumed_session()
    {
        await using var dialler = new Node(NodeRole.Engine);
        await using var acceptor = new Node(NodeRole.Console);
        var trusted = new HashSet<Fingerprint> { dialler.Identity.Fingerprint };
        var seen = new List<Fingerprint>();
        Channel<PeerChannel> made = System.Threading.Channels.Channel.CreateUnbounded<PeerChannel>();
        ChannelListener listener = acceptor.Listen(async (peer, token) =>
        {
            seen.Add(peer.Fingerprint);
            if (trusted.Contains(peer.Fingerprint))
            {
                made.Writer.TryWrite(await peer.WelcomeAsync(acceptor.Hello, new Node.NoHandler(), token));
            }
            else
            {
                await peer.RefuseAsync(new Refusal(RefusalCode.Revoked, "revoked"), token);
            }
        });

        await using var relay = new Relay(listener.EndPoint.Port);
        for (int i = 0; i < 3; i++)
        {
            await using PeerChannel near = await dialler.OpenAsync(acceptor.At(relay.Port));
            await using PeerChannel far = await made.Reader.ReadAsync().AsTask().WaitAsync(Node.Patience);
            if (OperatingSystem.IsLinux())
            {
                Assert.Equal(i > 0, relay.IsResumed);
            }
        }

        trusted.Clear();
        ChannelException failure = await dialler.FailAsync(acceptor.At(relay.Port));

        if (OperatingSystem.IsLinux())
        {
            Assert.True(relay.IsResumed);
        }

        Assert.Equal(RefusalCode.Revoked, failure.Refusal!.Code);
        Assert.All(seen, fingerprint => Assert.Equal(dialler.Identity.Fingerprint, fingerprint));
        Assert.Equal(4, seen.Count);
    }

    [Fact]
    public async Task The_dialler_judges_a_resumed_session_by_the_pins_of_today()
    {
        await using var dialler = new Node(NodeRole.Engine);
        await using var acceptor = new Node(NodeRole.Console);
        ChannelListener listener = acceptor.Refuse(new Refusal(RefusalCode.Pending, "later"));
        DialTarget target = acceptor.At(listener);
        var pins = new List<Fingerprint>(target.Pins);
        DialTarget changing = target with { Pins = pins };
        Assert.Equal(ChannelFault.Refused, (await dialler.FailAsync(changing)).Fault);
        Assert.Equal(ChannelFault.Refused, (await dialler.FailAsync(changing)).Fault);

        pins[0] = dialler.Identity.Fingerprint;

        Assert.Equal(ChannelFault.PeerNotTrusted, (await dialler.FailAsync(changing)).Fault);
    }

    [Fact]
    public async Task A_dialler_with_an_RSA_certificate_is_told_so()
    {
        using X509Certificate2 rsa = Node.Rsa();
        await using var acceptor = new Node(NodeRole.Console);
        (ChannelListener listener, _) = acceptor.Welcome();
        await using TlsClient tls = await TlsClient.ConnectAsync(listener);

        await tls.AuthenticateAsync(options => options.ClientCertificates = [rsa]);
        byte[] header = new byte[8];
        await tls.Stream.ReadExactlyAsync(header).AsTask().WaitAsync(Node.Patience);
        byte[] answer = new byte[(header[1] << 8) | header[2]];
        await tls.Stream.ReadExactlyAsync(answer).AsTask().WaitAsync(Node.Patience);

        Assert.Equal(
            RefusalCode.BadCertificate, HandshakeJson.Read<RefuseMessage>(answer).ToRefusal().Code);
        Assert.Equal(ChannelFault.PeerNotTrusted, (await acceptor.NextFailureAsync()).Fault);
    }

    [Theory]
    [InlineData(ChannelPurpose.Channel)]
    [InlineData(ChannelPurpose.Pairing)]
    public async Task An_acceptor_with_an_RSA_certificate_is_another_service(ChannelPurpose purpose)
    {
        Node.RequirePlatformTls();
        using X509Certificate2 rsa = Node.Rsa();
        await using var dialler = new Node(NodeRole.Console);
        await using var server = new RawServer(async stream =>
        {
            await using var tls = new SslStream(stream);
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
            {
                ServerCertificate = rsa,
                ApplicationProtocols = [new(ChannelProtocol.ChannelAlpn), new(ChannelProtocol.PairingAlpn)],
            });
            await tls.CopyToAsync(Stream.Null);
        });

        ChannelException failure = purpose == ChannelPurpose.Channel
            ? await dialler.FailAsync(dialler.At(server.Port))
            : await Assert.ThrowsAsync<ChannelException>(() => dialler.Dialer.OpenPairingAsync(
                new DialTarget("127.0.0.1", server.Port, []), dialler.Hello, CancellationToken.None));

        Assert.Equal(ChannelFault.WrongService, failure.Fault);
        Assert.False(failure.Met.IsEmpty);
    }
}
