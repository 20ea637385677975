using System.Globalization;
using System.Net;
using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Benchmarks.Wire;

/// <summary>The product's channel, opened by its own dialler to its own listener.</summary>
internal sealed class Product : IWire
{
    public const ushort Slow = (byte)'S';
    private readonly ChannelRuntime _runtime;
    private readonly NodeIdentity _identity;
    private readonly byte[] _piece = Work.Bytes(Work.Piece);

    private Product(ChannelRuntime runtime, NodeIdentity identity, PeerChannel channel) =>
        (_runtime, _identity, Channel) = (runtime, identity, channel);

    public string Name => "product";

    public PeerChannel Channel { get; }

    public static async Task<Product> ConnectAsync(int port, string fingerprint)
    {
        NodeIdentity identity = NodeIdentity.Create(Guid.NewGuid(), TimeProvider.System);
        var runtime = new ChannelRuntime(ChannelOptions.Default);
        PeerChannel channel = await DialAsync(identity, runtime, port, fingerprint);
        return new Product(runtime, identity, channel);
    }

    /// <summary>One more channel of the same node.</summary>
    public static Task<PeerChannel> DialAsync(NodeIdentity identity, ChannelRuntime runtime, int port, string pin) =>
        new ChannelDialer(identity, runtime).OpenChannelAsync(
            new DialTarget("127.0.0.1", port, [Fingerprint.Parse(pin)]),
            new PeerHello { Role = NodeRole.Engine, NodeId = Guid.NewGuid() },
            new Handler(),
            CancellationToken.None);

    /// <summary>Returns the port and the fingerprint.</summary>
    public static (int Port, string Fingerprint) Listen()
    {
        NodeIdentity identity = NodeIdentity.Create(Guid.NewGuid(), TimeProvider.System);
        var runtime = new ChannelRuntime(ChannelOptions.Default);
        var hello = new PeerHello { Role = NodeRole.Console, NodeId = Guid.NewGuid() };
        var handler = new Handler();
        ChannelListener listener = ChannelListener.Start(
            new IPEndPoint(IPAddress.Loopback, 0),
            identity,
            runtime,
            (peer, token) => peer.WelcomeAsync(hello, handler, token));
        return (listener.EndPoint.Port, identity.Fingerprint.Hex);
    }

    public Task UpAsync(long bytes, int message) => UpAsync(Work.Up, bytes, message, CancellationToken.None);

    /// <summary>As above, on a stream of that kind; ends early when it is cancelled.</summary>
    public async Task<long> UpAsync(ushort kind, long bytes, int message, CancellationToken until)
    {
        await using ChannelStream stream = await Channel.OpenStreamAsync(kind, default, CancellationToken.None);
        long sent = 0;
        while (sent < bytes && !until.IsCancellationRequested)
        {
            int count = (int)Math.Min(message, bytes - sent);
            await stream.WriteAsync(_piece.AsMemory(0, count), CancellationToken.None);
            sent += count;
        }

        await stream.CompleteWritingAsync(CancellationToken.None);
        byte[] done = new byte[1];
        while (await stream.ReadAsync(done, CancellationToken.None) > 0)
        {
        }

        return sent;
    }

    /// <summary>To a reader of 1 MB/s; what it has not read at the end is thrown away.</summary>
    public async Task SlowAsync(CancellationToken until)
    {
        await using ChannelStream stream = await Channel.OpenStreamAsync(Slow, default, CancellationToken.None);
        try
        {
            while (true)
            {
                await stream.WriteAsync(_piece, until);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposing resets it.
        }
    }

    public async Task DownAsync(long bytes)
    {
        await using ChannelStream stream = await Channel.OpenStreamAsync(
            Work.Down, Work.Header(Work.Down, bytes), CancellationToken.None);
        await stream.CompleteWritingAsync(CancellationToken.None);
        byte[] buffer = new byte[Work.Piece];
        long got = 0;
        for (int count; (count = await stream.ReadAsync(buffer, CancellationToken.None)) > 0;)
        {
            got += count;
        }

        if (got != bytes)
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture, $"{got} bytes came of {bytes}."));
        }
    }

    public async Task EchoAsync(int requests, int inFlight)
    {
        int begun = 0;
        await Task.WhenAll(Enumerable.Range(0, inFlight).Select(_ => CallAsync()));

        async Task CallAsync()
        {
            while (Interlocked.Increment(ref begun) <= requests)
            {
                using Payload answer = await RequestAsync();
            }
        }
    }

    public ValueTask<Payload> RequestAsync() =>
        Channel.RequestAsync(1, _piece.AsMemory(0, Work.RequestSize), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await Channel.DisposeAsync();
        _runtime.Dispose();
        _identity.Dispose();
    }

    private sealed class Handler : IPeerHandler
    {
        private static readonly byte[] Piece = Work.Bytes(Work.Piece);

        public ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
            PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
            new(body);

        public async Task OnStreamAsync(
            PeerChannel channel, ChannelStream stream, CancellationToken cancellationToken)
        {
            if (stream.Kind == Work.Down)
            {
                (_, long size) = Work.Read(stream.Header.Span);
                for (long sent = 0; sent < size; sent += Piece.Length)
                {
                    await stream.WriteAsync(
                        Piece.AsMemory(0, (int)Math.Min(Piece.Length, size - sent)), cancellationToken);
                }

                return;
            }

            byte[] buffer = new byte[Work.Piece];
            for (int got; (got = await stream.ReadAsync(buffer, cancellationToken)) > 0;)
            {
                if (stream.Kind == Slow)
                {
                    // A million bytes a second.
                    await Task.Delay(TimeSpan.FromMicroseconds(got), cancellationToken);
                }
            }

            await stream.WriteAsync(Piece.AsMemory(0, 1), cancellationToken);
        }
    }
}
