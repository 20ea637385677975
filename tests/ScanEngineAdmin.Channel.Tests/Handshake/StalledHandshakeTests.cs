using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Threading.Channels;
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
        (ChannelListener listener, ChannelReader<PeerChannel> made) = acceptor.Welcome(IPAddress.Any);
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
    public async Task Of_too_many_that_stall_within_TLS_the_one_that_has_waited_longest_goes(bool afterTls)
    {
        var options = new ChannelOptions { Time = new ManualTime(), MaxHandshakes = 2, MaxHandshakesParked = 3 };
        await using var dialler = new Node(NodeRole.Engine);
        await using var acceptor = new Node(NodeRole.Console, options);
        (ChannelListener listener, _) = acceptor.Welcome(IPAddress.Any);
        List<Socket> stalled = [];
        foreach (IPAddress address in Addresses.Take(4))
        {
            stalled.Add(await StallAsync(dialler, address, listener, afterTls));

            // In the order of the addresses: each waits for its peer, and will not go on, before the next one comes.
            int waiting = Math.Min(stalled.Count, options.MaxHandshakesParked);
            await Wait.UntilAsync(() => listener.Parked == waiting, $"{waiting} wait for their peers");
        }

        ChannelException gone = await acceptor.NextFailureAsync();
        Assert.Equal(ChannelFault.LimitReached, gone.Fault);
        Assert.Contains(Addresses[0].ToString(), gone.Message, StringComparison.Ordinal);
        await using PeerChannel served = await dialler.OpenAsync(acceptor.At(listener));

        // Who is served was the newest of those that waited, and took the place of another.
        stalled.ForEach(socket => socket.Dispose());
    }

    private static async Task<Socket> StallAsync(
        Node node, IPAddress from, ChannelListener listener, bool afterTls)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(new IPEndPoint(from, 0));
        await socket.ConnectAsync(IPAddress.Loopback, listener.EndPoint.Port).WaitAsync(Node.Patience);
        var target = new DialTarget("127.0.0.1", listener.EndPoint.Port, [node.Identity.Fingerprint]);
        var bytes = new NetworkStream(socket);
        var tls = new SslStream(afterTls ? bytes : new DeafStream(bytes));
        Task shaking = tls.AuthenticateAsClientAsync(ScanEngineAdmin.Channel.Handshake.TlsSettings.ForDialler(
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
