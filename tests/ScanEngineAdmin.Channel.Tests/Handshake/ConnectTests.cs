using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using ScanEngineAdmin.Channel.Handshake;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Channel.Tests.Handshake;

public sealed class ConnectTests
{
    private static readonly IPAddress Nobody = IPAddress.Parse("192.0.2.7");

    [Theory]
    [InlineData(SocketError.ConnectionRefused, 1, ChannelFault.ConnectionRefused)]
    [InlineData(SocketError.HostUnreachable, 1, ChannelFault.AdminProhibited)]
    [InlineData(SocketError.HostUnreachable, 3100, ChannelFault.HostUnreachable)]
    [InlineData(SocketError.NetworkUnreachable, 0, ChannelFault.HostUnreachable)]
    [InlineData(SocketError.TimedOut, 10000, ChannelFault.ConnectTimedOut)]
    [InlineData(SocketError.AccessDenied, 0, ChannelFault.AdminProhibited)]
    public void What_the_socket_says_and_how_fast_tells_the_causes_apart(
        SocketError error, int milliseconds, ChannelFault fault)
    {
        var attempt = new ConnectAttempt(
            new IPEndPoint(Nobody, 40814), error, TimeSpan.FromMilliseconds(milliseconds));

        Assert.Equal(fault, attempt.Fault);
        Assert.StartsWith("192.0.2.7:40814: ", attempt.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_closed_port_is_refused()
    {
        await using var dialler = new Node(NodeRole.Console);

        using Socket closed = Closed();

        ChannelException failure = await dialler.FailAsync(dialler.At(PortOf(closed)));

        Assert.Equal(ChannelFault.ConnectionRefused, failure.Fault);
        Assert.Equal(ChannelStage.Connect, failure.Stage);
    }

    [Fact]
    public async Task A_name_without_an_address_is_said_to_be_the_names_fault()
    {
        ChannelException failure = await FailAsync((_, _) => throw new SocketException((int)SocketError.HostNotFound));

        Assert.Equal(ChannelFault.NameNotResolved, failure.Fault);
        Assert.Equal(ChannelStage.Name, failure.Stage);
        Assert.Contains("engine.example", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_address_tried_is_named_with_its_result()
    {
        ChannelException failure = await FailAsync(
            (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback, IPAddress.Parse("127.0.0.3")]));

        Assert.Equal(ChannelFault.ConnectionRefused, failure.Fault);
        Assert.Contains("127.0.0.1:", failure.Message, StringComparison.Ordinal);
        Assert.Contains("127.0.0.3:", failure.Message, StringComparison.Ordinal);
    }

    [Theory, NeedsLinux]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_in_time_that_this_host_is_too_busy_to_hear_is_no_silence(bool isAnswered)
    {
        var time = new ManualTime();
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        // With one connection that waits to be accepted the kernel answers no other one.
        listener.Listen(0);
        using Socket waits = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (!isAnswered)
        {
            waits.Connect(listener.LocalEndPoint!);
        }

        var heard = new TaskCompletionSource();
        var options = new ChannelOptions { Time = time };
        var connector = new Connector(options)
        {
            Connect = (socket, endPoint) =>
            {
                if (!isAnswered)
                {
                    return socket.ConnectAsync(endPoint);
                }

                socket.Connect(endPoint);
                return heard.Task;
            },
        };
        Task<Socket> connecting = connector.ConnectAsync(
            new DialTarget("127.0.0.1", PortOf(listener), []), CancellationToken.None);

        time.Pass(options.ConnectTimeout);
        if (isAnswered)
        {
            Assert.False(connecting.IsCompleted);
            heard.SetResult();
            using Socket socket = await connecting.WaitAsync(Node.Patience);
            Assert.True(socket.Connected);
        }
        else
        {
            ChannelException failure = await Assert.ThrowsAsync<ChannelException>(
                () => connecting.WaitAsync(Node.Patience));
            Assert.Equal(ChannelFault.ConnectTimedOut, failure.Fault);
        }
    }

    [Fact]
    public async Task The_second_address_is_dialled_when_the_first_does_not_answer()
    {
        await using var acceptor = new Node(NodeRole.Engine);
        (ChannelListener listener, ChannelReader<PeerChannel> made) = acceptor.Welcome();
        await using var node = new Node(NodeRole.Console);
        var dialler = new ChannelDialer(node.Identity, node.Runtime, new Connector(node.Runtime.Options)
        {
            Resolve = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("127.0.0.3"), IPAddress.Loopback]),
        });

        await using PeerChannel near = await dialler.OpenChannelAsync(
            new DialTarget("engine.example", listener.EndPoint.Port, [acceptor.Identity.Fingerprint]),
            node.Hello,
            new Node.NoHandler(),
            CancellationToken.None).WaitAsync(Node.Patience);

        Assert.Equal(listener.EndPoint, near.Peer.Remote);
        await using PeerChannel far = await made.ReadAsync().AsTask().WaitAsync(Node.Patience);
    }

    [Fact]
    public async Task A_name_server_that_does_not_answer_is_waited_for_in_bounds()
    {
        var clock = new ManualTime();
        var options = new ChannelOptions { Time = clock };
        var never = new TaskCompletionSource<IPAddress[]>();

        Task<ChannelException> dial = FailAsync((_, _) => never.Task, options);
        await clock.ArmedAsync(options.ConnectTimeout);
        clock.Advance(options.ConnectTimeout);

        Assert.Equal(ChannelFault.NameNotResolved, (await dial).Fault);
    }

    private static async Task<ChannelException> FailAsync(
        Func<string, CancellationToken, Task<IPAddress[]>> resolve, ChannelOptions? options = null)
    {
        await using var node = new Node(NodeRole.Console, options);
        using Socket closed = Closed();
        var dialler = new ChannelDialer(
            node.Identity, node.Runtime, new Connector(node.Runtime.Options) { Resolve = resolve });
        return await Assert.ThrowsAsync<ChannelException>(() => dialler.OpenChannelAsync(
            new DialTarget("engine.example", PortOf(closed), [node.Identity.Fingerprint]),
            node.Hello,
            new Node.NoHandler(),
            CancellationToken.None).WaitAsync(Node.Patience));
    }

    // Bound and not listening: closed to whoever dials, and nobody else's meanwhile.
    private static Socket Closed()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Any, 0));
        return socket;
    }

    private static int PortOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;
}
