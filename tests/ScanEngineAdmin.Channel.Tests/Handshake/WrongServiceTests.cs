using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Channel.Tests.Handshake;

public sealed class WrongServiceTests
{
    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2p1 Debian\r\n", "SSH")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP")]
    [InlineData("220 mail.example ESMTP\r\n", "220 mail.example ESMTP")]
    [InlineData("\u0001\u0002\u0003\u0004\u0005\u0006", "010203040506")]
    public async Task A_dialler_names_what_speaks_in_place_of_a_node(string banner, string named)
    {
        Node.RequirePlatformTls();
        await using var dialler = new Node(NodeRole.Console);
        await using var server = new RawServer(async stream =>
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(banner));
            await stream.CopyToAsync(Stream.Null);
        });

        ChannelException failure = await dialler.FailAsync(dialler.At(server.Port));

        Assert.Equal(ChannelFault.WrongService, failure.Fault);
        Assert.Equal(ChannelStage.FirstBytes, failure.Stage);
        Assert.Contains(named, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_that_says_nothing_times_out_at_its_first_bytes()
    {
        var clock = new ManualTime();
        var options = new ChannelOptions { Time = clock };
        await using var dialler = new Node(NodeRole.Console, options);
        await using var silent = new RawServer(stream => stream.CopyToAsync(Stream.Null));

        Task<ChannelException> dial = dialler.FailAsync(dialler.At(silent.Port));
        await clock.ArmedAsync(options.HandshakeTimeout);
        clock.Advance(options.HandshakeTimeout);
        ChannelException failure = await dial;

        Assert.Equal(ChannelFault.HandshakeTimedOut, failure.Fault);
        Assert.Equal(ChannelStage.FirstBytes, failure.Stage);
        Assert.Contains("nothing was said", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_never_decides_times_out_at_the_hello()
    {
        var clock = new ManualTime();
        var options = new ChannelOptions { Time = clock };
        await using var dialler = new Node(NodeRole.Console, options);
        await using var acceptor = new Node(NodeRole.Engine);
        var deciding = new TaskCompletionSource();
        ChannelListener listener = acceptor.Listen((_, token) =>
        {
            deciding.TrySetResult();
            return Task.Delay(Timeout.Infinite, token);
        });

        Task<ChannelException> dial = dialler.FailAsync(acceptor.At(listener));
        await deciding.Task.WaitAsync(Node.Patience);
        clock.Advance(options.HandshakeTimeout);
        ChannelException failure = await dial;

        Assert.Equal(ChannelFault.HandshakeTimedOut, failure.Fault);
        Assert.Equal(ChannelStage.Hello, failure.Stage);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_peer_that_closes_at_once_is_a_broken_handshake_at_its_first_bytes(bool reset)
    {
        await using var dialler = new Node(NodeRole.Console);
        await using var server = new RawServer(async stream =>
        {
            await stream.ReadExactlyAsync(new byte[1]);
            stream.Socket.LingerState = new LingerOption(reset, 0);
        });

        ChannelException failure = await dialler.FailAsync(dialler.At(server.Port));

        Assert.Equal(ChannelFault.HandshakeFailed, failure.Fault);
        Assert.Equal(ChannelStage.FirstBytes, failure.Stage);
    }

    [Fact]
    public async Task A_pinned_key_behind_TLS_without_the_protocol_is_the_wrong_service()
    {
        Node.RequirePlatformTls();
        await using var dialler = new Node(NodeRole.Console);
        await using var server = new RawServer(async stream =>
        {
            await using var tls = new SslStream(stream);
            await tls.AuthenticateAsServerAsync(dialler.Identity.Certificate);
            await tls.CopyToAsync(Stream.Null);
        });

        ChannelException failure = await dialler.FailAsync(dialler.At(server.Port));

        Assert.Equal(ChannelFault.WrongService, failure.Fault);
        Assert.Equal(ChannelStage.Tls, failure.Stage);
        Assert.Contains("ALPN", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_TLS_service_with_other_protocols_only_is_the_wrong_service()
    {
        await using var dialler = new Node(NodeRole.Console);
        await using var server = new RawServer(async stream =>
        {
            await using var tls = new SslStream(stream);
            try
            {
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
                {
                    ServerCertificate = dialler.Identity.Certificate,
                    ApplicationProtocols = [SslApplicationProtocol.Http2],
                });
            }
            catch (System.Security.Authentication.AuthenticationException)
            {
                // As it has to be: nothing in common.
            }

            await stream.CopyToAsync(Stream.Null);
        });

        ChannelException failure = await dialler.FailAsync(dialler.At(server.Port));

        Assert.Equal(ChannelFault.WrongService, failure.Fault);
        Assert.Equal(ChannelStage.Tls, failure.Stage);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\r\n", ChannelFault.WrongService, "HTTP")]
    [InlineData("SSH-2.0-PuTTY\r\n", ChannelFault.WrongService, "SSH")]
    [InlineData("\u0000\u0001\u00FE\u00FF\u0000\u0000\u0000\u0000", ChannelFault.WrongService, "unknown protocol")]
    [InlineData("\u0016\u0003\u0001\u0000\u0005hello", ChannelFault.HandshakeFailed, "TLS handshake")]
    [InlineData("\u0016\u0003\u0001\u00FF\u00FF", ChannelFault.HandshakeFailed, "TLS")]
    [InlineData("", ChannelFault.HandshakeFailed, "without a word")]
    public async Task A_listener_names_a_stranger_and_serves_the_next(string said, ChannelFault fault, string named)
    {
        await using var dialler = new Node(NodeRole.Engine);
        await using var acceptor = new Node(NodeRole.Console);
        (ChannelListener listener, _) = acceptor.Welcome();
        using (var stranger = new TcpClient())
        {
            await stranger.ConnectAsync(IPAddress.Loopback, listener.EndPoint.Port);
            await stranger.GetStream().WriteAsync(Encoding.Latin1.GetBytes(said));
            stranger.Client.Shutdown(SocketShutdown.Send);
            ChannelException failure = await acceptor.NextFailureAsync();
            Assert.Equal(fault, failure.Fault);
            Assert.Contains(named, failure.Message, StringComparison.Ordinal);
        }

        await using PeerChannel next = await dialler.OpenAsync(acceptor.At(listener));
    }

    [Fact]
    public async Task A_listener_turns_away_TLS_without_the_protocol()
    {
        await using var acceptor = new Node(NodeRole.Console);
        (ChannelListener listener, ChannelReader<PeerChannel> made) = acceptor.Welcome();
        await using TlsClient tls = await TlsClient.ConnectAsync(listener);
        await tls.AuthenticateAsync(options =>
            (options.ClientCertificates, options.ApplicationProtocols) = ([acceptor.Identity.Certificate], null));

        Assert.Equal(ChannelFault.WrongService, (await acceptor.NextFailureAsync()).Fault);
        Assert.False(made.TryRead(out _));
    }

    [Fact]
    public async Task A_dialler_without_a_certificate_never_gets_in()
    {
        await using var acceptor = new Node(NodeRole.Console);
        (ChannelListener listener, ChannelReader<PeerChannel> made) = acceptor.Welcome();
        await using TlsClient tls = await TlsClient.ConnectAsync(listener);
        await tls.AuthenticateAsync(static _ => { });

        ChannelException failure = await acceptor.NextFailureAsync();

        Assert.Equal(ChannelFault.HandshakeFailed, failure.Fault);
        Assert.Equal(ChannelStage.Tls, failure.Stage);
        Assert.False(made.TryRead(out _));
    }
}
