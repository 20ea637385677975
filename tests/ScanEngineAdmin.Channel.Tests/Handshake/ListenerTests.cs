using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Threading.Channels;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Channel.Tests.Handshake;

public sealed class ListenerTests
{
    [Fact]
    public async Task A_port_in_use_names_the_process_that_holds_it()
    {
        await using var node = new Node(NodeRole.Console);
        (ChannelListener first, _) = node.Welcome();

        ChannelException failure = Assert.Throws<ChannelException>(
            () => node.Listen((_, _) => Task.CompletedTask, first.EndPoint.Port));

        Assert.Equal(ChannelFault.PortInUse, failure.Fault);
        Assert.Equal(ChannelStage.Bind, failure.Stage);
        if (OperatingSystem.IsLinux())
        {
            Assert.Contains($"id {Environment.ProcessId}", failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_address_of_another_host_cannot_be_bound()
    {
        await using var node = new Node(NodeRole.Console);

        // 192.0.2.0/24 is for documentation: no host has it.
        ChannelException failure = Assert.Throws<ChannelException>(
            () => node.Listen((_, _) => Task.CompletedTask, address: IPAddress.Parse("192.0.2.1")));

        Assert.Equal(ChannelFault.AddressNotAvailable, failure.Fault);
    }

    [Fact]
    public async Task Slow_clients_are_cut_in_time_and_cost_the_others_nothing()
    {
        var clock = new ManualTime();
        var options = new ChannelOptions { Time = clock, MaxHandshakes = 2, MaxHandshakesPerAddress = 16 };
        await using var dialler = new Node(NodeRole.Engine);
        await using var acceptor = new Node(NodeRole.Console, options);
        (ChannelListener listener, ChannelReader<PeerChannel> made) = acceptor.Welcome();
        List<TcpClient> slow = [];
        foreach (byte[] said in (byte[][])[[], [0x16], [0x16, 3, 1, 1, 0], [0x16, 3, 1, 1, 0, 1, 0, 0], []])
        {
            slow.Add(await KnockAsync(listener));
            await slow[^1].GetStream().WriteAsync(said);
        }

        await clock.ArmedAsync(options.HandshakeTimeout, slow.Count);
        await using PeerChannel served = await dialler.OpenAsync(acceptor.At(listener));
        await using PeerChannel far = await made.ReadAsync().AsTask().WaitAsync(Node.Patience);
        Assert.Equal(slow.Count, listener.Undecided);
        clock.Advance(options.HandshakeTimeout);

        foreach (TcpClient client in slow)
        {
            Assert.Equal(ChannelFault.HandshakeTimedOut, (await acceptor.NextFailureAsync()).Fault);
            await AssertCutAsync(client);
            client.Dispose();
        }
    }

    [Fact]
    public async Task A_client_that_stalls_within_TLS_leaves_turns_for_others()
    {
        var clock = new ManualTime();
        var options = new ChannelOptions { Time = clock, MaxHandshakes = 2 };
        await using var stalling = new Node(NodeRole.Engine);
        await using var dialler = new Node(NodeRole.Engine);
        await using var acceptor = new Node(NodeRole.Console, options);
        var heard = new TaskCompletionSource();
        ChannelListener listener = acceptor.Listen(
            async (peer, token) =>
            {
                heard.TrySetResult();
                await peer.WelcomeAsync(acceptor.Hello, new Node.NoHandler(), token);
            });
        // TLS is done and then nothing is said: this one has a turn, and its whole address has no second one.
        await using SslStream stalled = await stalling.SecureAsync(listener.EndPoint.Port);

        var other = new DialTarget("127.0.0.1", listener.EndPoint.Port, [acceptor.Identity.Fingerprint]);
        using var client = new TcpClient(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
        await client.ConnectAsync(IPAddress.Loopback, listener.EndPoint.Port);
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(ScanEngineAdmin.Channel.Handshake.TlsSettings.ForDialler(
            dialler.Identity, other, ChannelPurpose.Channel, (_, shown, _, _) => shown is not null))
            .WaitAsync(Node.Patience);
        byte[] hello = ScanEngineAdmin.Channel.Handshake.HandshakeJson.Write(
            ScanEngineAdmin.Channel.Handshake.HelloMessage.From(dialler.Hello));
        await tls.WriteAsync((byte[])[0, (byte)(hello.Length >> 8), (byte)hello.Length, 1, 0, 0, 0, 0, .. hello]);

        await heard.Task.WaitAsync(Node.Patience);
    }

    [Fact]
    public async Task One_address_has_a_bounded_number_of_connections_without_a_verdict()
    {
        var options = new ChannelOptions { MaxHandshakesPerAddress = 3 };
        await using var dialler = new Node(NodeRole.Engine);
        await using var acceptor = new Node(NodeRole.Console, options);
        (ChannelListener listener, _) = acceptor.Welcome();
        List<TcpClient> waiting = [];
        for (int i = 0; i < 3; i++)
        {
            waiting.Add(await KnockAsync(listener));
        }

        using (TcpClient fourth = await KnockAsync(listener))
        {
            await AssertCutAsync(fourth);
        }

        ChannelException failure = await acceptor.NextFailureAsync();
        Assert.Equal(ChannelFault.LimitReached, failure.Fault);
        Assert.Contains("MaxHandshakesPerAddress", failure.Message, StringComparison.Ordinal);
        waiting.ForEach(client => client.Dispose());
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(ChannelStage.FirstBytes, (await acceptor.NextFailureAsync()).Stage);
        }

        await using PeerChannel served = await dialler.OpenAsync(acceptor.At(listener));
    }

    [Fact]
    public async Task Connections_in_all_are_bounded()
    {
        var options = new ChannelOptions { MaxHandshakes = 1, MaxHandshakeQueue = 1 };
        await using var acceptor = new Node(NodeRole.Console, options);
        (ChannelListener listener, _) = acceptor.Welcome();
        using TcpClient first = await KnockAsync(listener);
        using TcpClient second = await KnockAsync(listener);
        using TcpClient third = await KnockAsync(listener);

        await AssertCutAsync(third);
        Assert.Contains(
            "MaxHandshakeQueue", (await acceptor.NextFailureAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_at_once_are_all_served()
    {
        await using var dialler = new Node(NodeRole.Engine);
        await using var acceptor = new Node(NodeRole.Console, new ChannelOptions { MaxHandshakes = 2 });
        (ChannelListener listener, ChannelReader<PeerChannel> made) = acceptor.Welcome();

        PeerChannel[] near = await Task.WhenAll(
            Enumerable.Range(0, 40).Select(_ => dialler.OpenAsync(acceptor.At(listener))));
        var far = new List<PeerChannel>();
        while (far.Count < near.Length)
        {
            far.Add(await made.ReadAsync().AsTask().WaitAsync(Node.Patience));
        }

        Assert.Equal(
            near.Select(channel => channel.Peer.Local.Port).Order(),
            far.Select(channel => channel.Peer.Remote.Port).Order());
        Assert.Equal(0, listener.Undecided);
        await Task.WhenAll(near.Concat(far).Select(channel => channel.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task Disposing_frees_the_port_ends_handshakes_and_leaves_channels_alone()
    {
        await using var dialler = new Node(NodeRole.Engine);
        await using var acceptor = new Node(NodeRole.Console);
        (ChannelListener listener, ChannelReader<PeerChannel> made) = acceptor.Welcome();
        await using PeerChannel near = await dialler.OpenAsync(acceptor.At(listener));
        await using PeerChannel far = await made.ReadAsync().AsTask().WaitAsync(Node.Patience);
        using TcpClient unfinished = await KnockAsync(listener);

        await listener.DisposeAsync();
        ChannelListener second = acceptor.Listen((_, _) => Task.CompletedTask, listener.EndPoint.Port);

        Assert.Equal(listener.EndPoint, second.EndPoint);
        await AssertCutAsync(unfinished);
        await near.PingAsync(CancellationToken.None).WaitAsync(Node.Patience);
        await far.PingAsync(CancellationToken.None).WaitAsync(Node.Patience);
        Assert.Null(near.Fault);
    }

    [Fact]
    public async Task A_log_that_throws_does_not_end_the_listener()
    {
        await using var dialler = new Node(NodeRole.Engine);
        await using var acceptor = new Node(NodeRole.Console, new ChannelOptions { MaxHandshakesPerAddress = 1 });
        (ChannelListener listener, _) = acceptor.Welcome();
        var called = new SemaphoreSlim(0);
        listener.HandshakeFailed = (_, _) =>
        {
            called.Release();
            throw new InvalidOperationException("disk full");
        };
        TcpClient first = await KnockAsync(listener);
        using (TcpClient second = await KnockAsync(listener))
        {
            await AssertCutAsync(second);
        }

        first.Dispose();
        Assert.True(await called.WaitAsync(Node.Patience));
        Assert.True(await called.WaitAsync(Node.Patience));

        await using PeerChannel served = await dialler.OpenAsync(acceptor.At(listener));
    }

    [Fact]
    public async Task Out_of_descriptors_it_tries_now_and_then_says_so_once_and_serves_who_came_meanwhile()
    {
        var clock = new ManualTime();
        var pause = TimeSpan.FromMilliseconds(250);
        await using var dialler = new Node(NodeRole.Engine);
        await using var acceptor = new Node(NodeRole.Console, new ChannelOptions { Time = clock });
        using var keys = new NodeKeys(acceptor.Identity);
        int tried = 0;
        var said = new ConcurrentQueue<ChannelException>();
        await using ChannelListener listener = ChannelListener.Start(
            new IPEndPoint(IPAddress.Loopback, 0),
            keys,
            acceptor.Runtime,
            (peer, token) => peer.RefuseAsync(new Refusal(RefusalCode.Pending, "later"), token),
            (socket, token) =>
            {
                // It comes and goes: every third connection finds a descriptor.
                int attempt = Interlocked.Increment(ref tried);
                return attempt % 3 == 0
                    ? socket.AcceptAsync(token)
                    : ValueTask.FromException<Socket>(new SocketException((int)SocketError.TooManyOpenSockets));
            });
        listener.HandshakeFailed = (reason, _) => said.Enqueue(reason);

        for (int round = 0; round < 3; round++)
        {
            Task<ChannelException> dial = dialler.FailAsync(acceptor.At(listener));
            for (int failure = 1; failure <= 2; failure++)
            {
                await clock.ArmedAsync(pause);
                Assert.Equal((3 * round) + failure, Volatile.Read(ref tried));
                clock.Advance(pause);
            }

            Assert.Equal(ChannelFault.Refused, (await dial).Fault);
        }

        await clock.ArmedAsync(pause);
        Assert.Equal(ChannelFault.LimitReached, Assert.Single(said).Fault);
        clock.Advance(TimeSpan.FromMinutes(1));
        await clock.ArmedAsync(pause);
        Assert.Equal(2, said.Count);
    }

    [Fact]
    public async Task Garbage_leaves_nothing_behind()
    {
        await using var dialler = new Node(NodeRole.Engine);
        await using var acceptor = new Node(NodeRole.Console);
        (ChannelListener listener, ChannelReader<PeerChannel> made) = acceptor.Welcome();
        var random = new Random(7);
        for (int i = 0; i < 200; i++)
        {
            byte[] garbage = new byte[random.Next(400)];
            random.NextBytes(garbage);
            if (i % 2 == 0 && garbage.Length > 5)
            {
                // Looks like TLS, so that the TLS stack has to deal with it.
                ((byte[])[0x16, 3, 1, 0, (byte)random.Next(garbage.Length)]).CopyTo(garbage, 0);
            }

            using TcpClient stranger = await KnockAsync(listener);
            await stranger.GetStream().WriteAsync(garbage);
            stranger.Client.Shutdown(SocketShutdown.Send);
            Assert.NotEqual(ChannelStage.Hello, (await acceptor.NextFailureAsync()).Stage);
        }

        Assert.Equal(0, listener.Undecided);
        await using PeerChannel near = await dialler.OpenAsync(acceptor.At(listener));
        await using PeerChannel far = await made.ReadAsync().AsTask().WaitAsync(Node.Patience);
        Assert.Equal(0, listener.Undecided);
    }

    private static async Task<TcpClient> KnockAsync(ChannelListener listener)
    {
        var client = new TcpClient(AddressFamily.InterNetwork);
        await client.ConnectAsync(IPAddress.Loopback, listener.EndPoint.Port);
        return client;
    }

    private static async Task AssertCutAsync(TcpClient client)
    {
        try
        {
            Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1]).AsTask().WaitAsync(Node.Patience));
        }
        catch (IOException)
        {
            // A reset is an end as well.
        }
    }
}
