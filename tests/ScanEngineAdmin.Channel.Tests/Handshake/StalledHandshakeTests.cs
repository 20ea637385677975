using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Threading.Channels;
using ScanEngineAdmin.Channel.Handshake;
using ScanEngineAdmin.Channel.Tests.Support;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Channel.Tests.Handshake;

/// <summary>Strangers of many addresses who begin TLS and then say nothing more.</summary>
public sealed class StalledHandshakeTests
{
    private static readonly IPAddress[] Addresses =
        [.. Enumerable.Range(2, 6).Select(i => new IPAddress([127, 0, 0, (byte)i]))];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whoever_stalls_within_TLS_holds_nobody_up_however_many_addresses_it_has(bool afterTls)
    {
        var options = new ChannelOptions { Time = new ManualTime(), MaxHandshakes = 2 };
        await using var dialler = new Node(NodeRole.Engine);
        await using var acceptor = new Node(NodeRole.Console, options);
        (ChannelListener listener, ChannelReader<PeerChannel> made) = acceptor.Welcome();
        List<Socket> stalled = [];
        foreach (IPAddress address in Addresses)
        {
            stalled.Add(await StallAsync(dialler, address, listener, afterTls));
        }

        await using PeerChannel served = await dialler.OpenAsync(acceptor.At(listener));
        await using PeerChannel far = await made.ReadAsync().AsTask().WaitAsync(Node.Patience);

        Assert.Equal(stalled.Count, listener.Undecided);
        stalled.ForEach(socket => socket.Dispose());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whoever_finds_no_place_within_TLS_waits_until_those_who_stall_there_have_had_their_time(
        bool afterTls)
    {
        var clock = new ManualTime();
        var options = new ChannelOptions { Time = clock, MaxHandshakes = 2, MaxHandshakesInTls = 3 };
        await using var dialler = new Node(NodeRole.Engine);
        await using var acceptor = new Node(NodeRole.Console, options);
        (ChannelListener listener, _) = acceptor.Welcome();
        List<Socket> stalled = [];
        foreach (IPAddress address in Addresses.Take(options.MaxHandshakesInTls))
        {
            stalled.Add(await StallAsync(dialler, address, listener, afterTls));
            await Wait.UntilAsync(() => listener.Parked == stalled.Count, $"{stalled.Count} wait for their peers");
        }

        Task<PeerChannel> dial = dialler.OpenAsync(acceptor.At(listener));
        await Wait.UntilAsync(() => listener.Undecided == stalled.Count + 1 && listener.Waiting == 1, "one waits");
        clock.Advance(HandshakePlaces.PeerTime / 2);
        Assert.False(dial.IsCompleted);
        clock.Advance(HandshakePlaces.PeerTime / 2);

        await using PeerChannel served = await dial;
        ChannelException gone = await acceptor.NextFailureAsync();
        Assert.Equal(ChannelFault.LimitReached, gone.Fault);
        Assert.Contains("closed within its handshake", gone.Message, StringComparison.Ordinal);
        stalled.ForEach(socket => socket.Dispose());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whoever_would_wait_too_long_is_told_when_to_come_if_it_understands(bool understands)
    {
        var clock = new ManualTime();
        var options = new ChannelOptions { Time = clock, MaxHandshakes = 2, MaxHandshakesInTls = 1 };
        await using var dialler = new Node(NodeRole.Engine);
        await using var acceptor = new Node(NodeRole.Console, options);
        (ChannelListener listener, _) = acceptor.Welcome();

        // The place was held for longer than anybody may be let wait, and is held again.
        Socket first = await StallAsync(dialler, Addresses[0], listener, afterTls: false);
        await Wait.UntilAsync(() => listener.Parked == 1, "the first waits for its peer");
        clock.Advance(BusyAnswer.LongestWait + TimeSpan.FromSeconds(2));
        first.Dispose();
        await acceptor.NextFailureAsync();
        using Socket second = await StallAsync(dialler, Addresses[1], listener, afterTls: false);
        await Wait.UntilAsync(() => listener.Parked == 1, "the second waits for its peer");

        if (understands)
        {
            ChannelException busy = await dialler.FailAsync(acceptor.At(listener));
            Assert.Equal((ChannelFault.Refused, RefusalCode.Busy), (busy.Fault, busy.Refusal?.Code));
            Assert.InRange(busy.Refusal!.RetryAfter!.Value.TotalSeconds, 6, 18);
        }
        else
        {
            // An older dialler would take a plain answer for another service, and its admin for an interception.
            using var older = new TcpClient();
            await older.ConnectAsync(IPAddress.Loopback, listener.EndPoint.Port).WaitAsync(Node.Patience);
            await using var tls = new SslStream(older.GetStream());
            IOException cut = await Assert.ThrowsAsync<IOException>(() => tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "node",
                    ApplicationProtocols = [new SslApplicationProtocol(ChannelProtocol.ChannelAlpn)],
                }).WaitAsync(Node.Patience));
            Assert.IsNotType<System.Security.Authentication.AuthenticationException>(cut.InnerException);
        }

        Assert.Contains("would wait", (await acceptor.NextFailureAsync()).Message, StringComparison.Ordinal);
    }

    /// <summary>Channels live for days; when they break, all of a fleet comes at once, and strangers with it.</summary>
    [Fact]
    public async Task A_peer_is_known_while_its_channel_lives_and_a_while_after_its_end()
    {
        var clock = new ManualTime();
        await using var dialler = new Node(NodeRole.Engine);
        await using var acceptor = new Node(NodeRole.Console, new ChannelOptions { Time = clock });
        (ChannelListener listener, ChannelReader<PeerChannel> made) = acceptor.Welcome();
        PeerChannel channel = await dialler.OpenAsync(acceptor.At(listener));
        PeerChannel far = await made.ReadAsync().AsTask().WaitAsync(Node.Patience);

        clock.Advance(RecentPeers.Remembered);
        await channel.DisposeAsync();
        await far.DisposeAsync();

        await Wait.UntilAsync(() => listener.IsKnown(IPAddress.Loopback), "its address is known");
        clock.Advance(RecentPeers.Remembered);
        Assert.False(listener.IsKnown(IPAddress.Loopback));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(17, 17)]
    [InlineData(255, 60)]
    public async Task An_answer_that_anybody_on_the_way_can_give_is_a_short_wait_at_most(byte said, int waited)
    {
        await using var dialler = new Node(NodeRole.Engine);
        await using var server = new RawServer(async stream =>
        {
            await stream.WriteAsync((byte[])[.. "BUSY"u8, said]);
            stream.Socket.Shutdown(SocketShutdown.Send);
            await stream.CopyToAsync(Stream.Null);
        });

        ChannelException busy = await dialler.FailAsync(dialler.At(server.Port));

        Assert.Equal(
            (ChannelFault.Refused, RefusalCode.Busy, TimeSpan.FromSeconds(waited)),
            (busy.Fault, busy.Refusal!.Code, busy.Refusal.RetryAfter!.Value));
    }

    private static async Task<Socket> StallAsync(
        Node node, IPAddress from, ChannelListener listener, bool afterTls)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(new IPEndPoint(from, 0));
        await socket.ConnectAsync(IPAddress.Loopback, listener.EndPoint.Port).WaitAsync(Node.Patience);
        var target = new DialTarget("127.0.0.1", listener.EndPoint.Port, [node.Identity.Fingerprint]);
        var bytes = new NetworkStream(socket);
        var tls = new SslStream(afterTls ? bytes : new UnreadStream(bytes));
        Task shaking = tls.AuthenticateAsClientAsync(TlsSettings.ForDialler(
            node.Identity, target, ChannelPurpose.Channel, (_, shown, _, _) => shown is not null));
        if (afterTls)
        {
            await shaking.WaitAsync(Node.Patience);
        }

        // An answer is there (after TLS the session's tickets): the acceptor has done its part and has only to wait.
        Assert.True(await Task.Run(() => socket.Poll(Node.Patience, SelectMode.SelectRead)));
        return socket;
    }
}
