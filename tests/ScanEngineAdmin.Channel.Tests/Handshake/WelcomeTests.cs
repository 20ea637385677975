using System.Net;
using System.Threading.Channels;

namespace ScanEngineAdmin.Channel.Tests.Handshake;

public sealed class WelcomeTests
{
    [Theory]
    [InlineData(NodeRole.Console, NodeRole.Engine)]
    [InlineData(NodeRole.Engine, NodeRole.Console)]
    public async Task Either_role_dials_the_other_and_both_know_whom_they_met(NodeRole dialling, NodeRole accepting)
    {
        await using var dialler = new Node(dialling);
        await using var acceptor = new Node(accepting);
        (ChannelListener listener, ChannelReader<PeerChannel> made) = acceptor.Welcome();

        await using PeerChannel near = await dialler.OpenAsync(acceptor.At(listener));
        await using PeerChannel far = await made.ReadAsync().AsTask().WaitAsync(Node.Patience);

        Assert.Equal(acceptor.Hello.NodeId, near.Peer.Hello.NodeId);
        Assert.Equal(accepting, near.Peer.Hello.Role);
        Assert.Equal(acceptor.Identity.Fingerprint, near.Peer.Fingerprint);
        Assert.Equal(listener.EndPoint, near.Peer.Remote);
        Assert.True(near.Peer.Dialled);
        Assert.Equal(dialler.Hello.NodeId, far.Peer.Hello.NodeId);
        Assert.Equal(dialling, far.Peer.Hello.Role);
        Assert.Equal(dialler.Identity.Fingerprint, far.Peer.Fingerprint);
        Assert.Equal(near.Peer.Local, far.Peer.Remote);
        Assert.False(far.Peer.Dialled);
        Assert.Equal(1, far.Peer.Version);
        Assert.Equal(0, listener.Undecided);
    }

    [Fact]
    public async Task A_hello_arrives_as_it_was_said()
    {
        await using var dialler = new Node(NodeRole.Engine);
        await using var acceptor = new Node(NodeRole.Console);
        (ChannelListener listener, ChannelReader<PeerChannel> made) = acceptor.Welcome();
        PeerHello said = dialler.Hello with
        {
            Name = "Prüfstand \"7\"",
            BootId = Guid.NewGuid(),
            MaxVersion = 9,
            Properties = new Dictionary<string, string>
            {
                ["since"] = "2026-01-02T03:04:05Z",
                ["$type"] = "x",
                ["empty"] = "",
            },
        };

        await using PeerChannel near = await dialler.OpenAsync(acceptor.At(listener), said);
        await using PeerChannel far = await made.ReadAsync().AsTask().WaitAsync(Node.Patience);

        Assert.Equal(said.Name, far.Peer.Hello.Name);
        Assert.Equal(said.Product, far.Peer.Hello.Product);
        Assert.Equal(said.BootId, far.Peer.Hello.BootId);
        Assert.Equal(9, far.Peer.Hello.MaxVersion);
        Assert.Equal(said.Properties, far.Peer.Hello.Properties);
    }

    [Fact]
    public async Task A_channel_carries_a_round_trip_both_ways()
    {
        await using var dialler = new Node(NodeRole.Engine);
        await using var acceptor = new Node(NodeRole.Console);
        (ChannelListener listener, ChannelReader<PeerChannel> made) = acceptor.Welcome();

        await using PeerChannel near = await dialler.OpenAsync(acceptor.At(listener));
        await using PeerChannel far = await made.ReadAsync().AsTask().WaitAsync(Node.Patience);

        await near.PingAsync(CancellationToken.None).WaitAsync(Node.Patience);
        await far.PingAsync(CancellationToken.None).WaitAsync(Node.Patience);
        Assert.Null(near.Fault);
    }

    [Fact]
    public async Task A_dual_mode_listener_shows_an_IPv4_peer_as_IPv4()
    {
        await using var dialler = new Node(NodeRole.Engine);
        await using var acceptor = new Node(NodeRole.Console);
        var seen = new TaskCompletionSource<IPEndPoint>();
        ChannelListener listener = acceptor.Listen(
            (peer, token) =>
            {
                seen.TrySetResult(peer.Remote);
                return peer.RefuseAsync(new Refusal(RefusalCode.Denied, "no"), token);
            },
            address: IPAddress.IPv6Any);

        await dialler.FailAsync(acceptor.At(listener));

        Assert.Equal(IPAddress.Loopback, (await seen.Task.WaitAsync(Node.Patience)).Address);
    }

    [Fact]
    public async Task A_channel_is_never_dialled_without_a_pin()
    {
        await using var dialler = new Node(NodeRole.Console);

        await Assert.ThrowsAsync<ArgumentException>(() => dialler.OpenAsync(new DialTarget("127.0.0.1", 9, [])));
    }

    [Fact]
    public async Task A_dial_given_up_by_its_caller_is_cancelled_and_not_failed()
    {
        await using var dialler = new Node(NodeRole.Console);
        var heard = new TaskCompletionSource();
        await using var silent = new RawServer(async stream =>
        {
            await stream.ReadExactlyAsync(new byte[1]);
            heard.TrySetResult();
            await stream.CopyToAsync(Stream.Null);
        });
        using var cancel = new CancellationTokenSource();

        Task<PeerChannel> dial = dialler.Dialer.OpenChannelAsync(
            dialler.At(silent.Port), dialler.Hello, new Node.NoHandler(), cancel.Token);
        await heard.Task.WaitAsync(Node.Patience);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dial.WaitAsync(Node.Patience));
    }
}
