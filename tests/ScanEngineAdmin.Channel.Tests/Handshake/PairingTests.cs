using System.Net.Sockets;
using System.Text;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Channel.Tests.Handshake;

public sealed class PairingTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Messages_go_in_turn_and_the_end_is_clean(bool pinned)
    {
        await using var dialler = new Node(NodeRole.Engine);
        await using var acceptor = new Node(NodeRole.Console);
        var met = new TaskCompletionSource<(ChannelPurpose, Fingerprint, Guid)>();
        ChannelListener listener = acceptor.Listen(async (peer, token) =>
        {
            met.TrySetResult((peer.Purpose, peer.Fingerprint, peer.Hello.NodeId));
            await peer.SendAsync("one"u8.ToArray(), token);
            byte[] two = await peer.ReceiveAsync(token);
            await peer.SendAsync(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(two) + "three"), token);
        });

        await using PairingConnection pairing = await PairAsync(dialler, acceptor, listener, pinned);
        string one = Encoding.UTF8.GetString(await pairing.ReceiveAsync(CancellationToken.None));
        await pairing.SendAsync("two"u8.ToArray(), CancellationToken.None);
        string three = Encoding.UTF8.GetString(await pairing.ReceiveAsync(CancellationToken.None));
        ChannelException end = await Assert.ThrowsAsync<ChannelException>(
            () => pairing.ReceiveAsync(CancellationToken.None).WaitAsync(Node.Patience));

        Assert.Equal("one", one);
        Assert.Equal("twothree", three);
        Assert.Equal(acceptor.Identity.Fingerprint, pairing.PeerFingerprint);
        Assert.Equal(
            (ChannelPurpose.Pairing, dialler.Identity.Fingerprint, dialler.Hello.NodeId),
            await met.Task.WaitAsync(Node.Patience));
        Assert.Equal(ChannelFault.HandshakeFailed, end.Fault);
        Assert.Null(end.Refusal);
    }

    [Theory]
    [InlineData(RefusalCode.Pending)]
    [InlineData(RefusalCode.SecretWrong)]
    public async Task A_refusal_in_place_of_a_message_is_thrown(RefusalCode code)
    {
        await using var dialler = new Node(NodeRole.Engine);
        await using var acceptor = new Node(NodeRole.Console);
        ChannelListener listener = acceptor.Listen(async (peer, token) =>
        {
            await peer.ReceiveAsync(token);
            await peer.RefuseAsync(new Refusal(code, "no"), token);
        });

        await using PairingConnection pairing = await PairAsync(dialler, acceptor, listener);
        await pairing.SendAsync("one"u8.ToArray(), CancellationToken.None);
        ChannelException failure = await Assert.ThrowsAsync<ChannelException>(
            () => pairing.ReceiveAsync(CancellationToken.None).WaitAsync(Node.Patience));

        Assert.Equal(ChannelFault.Refused, failure.Fault);
        Assert.Equal(code, failure.Refusal!.Code);
    }

    [Fact]
    public async Task A_pairing_never_becomes_a_channel()
    {
        await using var dialler = new Node(NodeRole.Engine);
        await using var acceptor = new Node(NodeRole.Console);
        ChannelListener listener = acceptor.Listen(
            (peer, token) => peer.WelcomeAsync(acceptor.Hello, new Node.NoHandler(), token));

        await using PairingConnection pairing = await PairAsync(dialler, acceptor, listener);
        ChannelException failure = await Assert.ThrowsAsync<ChannelException>(
            () => pairing.ReceiveAsync(CancellationToken.None).WaitAsync(Node.Patience));

        Assert.Equal(RefusalCode.Busy, failure.Refusal!.Code);
        Assert.Contains(
            "never becomes a channel", (await acceptor.NextFailureAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_channel_is_no_pairing()
    {
        await using var dialler = new Node(NodeRole.Engine);
        await using var acceptor = new Node(NodeRole.Console);
        ChannelListener listener = acceptor.Listen((peer, token) => peer.ReceiveAsync(token));

        ChannelException failure = await dialler.FailAsync(acceptor.At(listener));

        Assert.Equal(RefusalCode.Busy, failure.Refusal!.Code);
    }

    [Fact]
    public async Task A_message_beyond_the_limit_is_not_sent()
    {
        await using var dialler = new Node(NodeRole.Engine);
        await using var acceptor = new Node(NodeRole.Console);
        ChannelListener listener = acceptor.Listen((peer, token) => peer.ReceiveAsync(token));

        await using PairingConnection pairing = await PairAsync(dialler, acceptor, listener);

        await Assert.ThrowsAsync<ArgumentException>(() => pairing.SendAsync(
            new byte[ChannelProtocol.MaxHandshakePayload + 1], CancellationToken.None));
    }

    /// <summary>Before a verdict, however it is cut into messages.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Neither_end_hears_more_than_64_KiB_of_the_other(bool fromDialler)
    {
        byte[] message = new byte[ChannelProtocol.MaxHandshakePayload];
        await using var dialler = new Node(NodeRole.Engine);
        await using var acceptor = new Node(NodeRole.Console);
        var accepted = new TaskCompletionSource<int>();
        ChannelListener listener = acceptor.Listen(async (peer, token) => accepted.TrySetResult(fromDialler
            ? await UntilCutAsync(() => peer.ReceiveAsync(token))
            : await UntilCutAsync(() => peer.SendAsync(message, token))));

        await using PairingConnection pairing = await PairAsync(dialler, acceptor, listener);
        int dialled = fromDialler
            ? await UntilCutAsync(() => pairing.SendAsync(message, CancellationToken.None))
            : await UntilCutAsync(() => pairing.ReceiveAsync(CancellationToken.None));

        int heard = fromDialler ? await accepted.Task.WaitAsync(Node.Patience) : dialled;

        // The hello and the headers take the place of one; its beginning may have come with the end of TLS, which has a
        // measure of its own.
        Assert.InRange(heard, (64 * 1024 / message.Length) - 1, 64 * 1024 / message.Length);

        static async Task<int> UntilCutAsync(Func<Task> next)
        {
            for (int done = 0; ; done++)
            {
                try
                {
                    await next().WaitAsync(Node.Patience);
                }
                catch (ChannelException)
                {
                    return done;
                }

                Assert.True(done < 1000);
            }
        }
    }

    [Fact]
    public async Task All_messages_share_one_handshake_timeout()
    {
        var clock = new ManualTime();
        var options = new ChannelOptions { Time = clock };
        await using var dialler = new Node(NodeRole.Engine, options);
        await using var acceptor = new Node(NodeRole.Console);
        ChannelListener listener = acceptor.Listen(async (peer, token) =>
        {
            await peer.SendAsync("one"u8.ToArray(), token);
            await Task.Delay(Timeout.Infinite, token);
        });

        await using PairingConnection pairing = await PairAsync(dialler, acceptor, listener);
        clock.Advance(options.HandshakeTimeout / 2);
        await pairing.ReceiveAsync(CancellationToken.None).WaitAsync(Node.Patience);
        Task<byte[]> next = pairing.ReceiveAsync(CancellationToken.None);
        clock.Advance(options.HandshakeTimeout / 2);

        ChannelException failure = await Assert.ThrowsAsync<ChannelException>(() => next.WaitAsync(Node.Patience));
        Assert.Equal(ChannelFault.HandshakeTimedOut, failure.Fault);
    }

    [Fact]
    public async Task A_peer_that_takes_nothing_holds_no_pairing_open_beyond_its_time()
    {
        var clock = new ManualTime();
        var options = new ChannelOptions { Time = clock };
        await using var dialler = new Node(NodeRole.Engine, options);
        await using var acceptor = new Node(NodeRole.Console);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ChannelListener listener = acceptor.Listen((_, token) => done.Task.WaitAsync(token));
        PairingConnection pairing = await PairAsync(dialler, acceptor, listener);
        Socket socket = pairing.Connection.Bytes.Socket;
        socket.Blocking = false;
        SocketError full;
        do
        {
            // Until neither this host nor the other one takes more.
            socket.Send(new byte[64 * 1024], SocketFlags.None, out full);
        }
        while (full == SocketError.Success);

        Task closing = pairing.DisposeAsync().AsTask();
        clock.Advance(options.HandshakeTimeout);

        await closing.WaitAsync(Node.Patience);
        Assert.Throws<ObjectDisposedException>(() => socket.Available);
        done.SetResult();
    }

    private static Task<PairingConnection> PairAsync(
        Node dialler, Node acceptor, ChannelListener listener, bool pinned = true) =>
        dialler.Dialer.OpenPairingAsync(
            pinned ? acceptor.At(listener) : new DialTarget("127.0.0.1", listener.EndPoint.Port, []),
            dialler.Hello,
            CancellationToken.None).WaitAsync(Node.Patience);
}
