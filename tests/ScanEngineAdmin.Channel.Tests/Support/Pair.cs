using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Channel.Tests.Support;

/// <summary>Two channels that face each other; the left one is the one a test looks at.</summary>
internal sealed class Pair : IAsyncDisposable
{
    private readonly ChannelRuntime _left;
    private readonly ChannelRuntime _right;

    private Pair(Stream left, Stream right, bool dialled, ChannelOptions options, ChannelOptions? theirs)
    {
        _left = new ChannelRuntime(options);
        _right = new ChannelRuntime(theirs ?? options);
        Left = new PeerChannel(left, TestPeer.Info(dialled), LeftPeer, _left);
        Right = new PeerChannel(right, TestPeer.Info(!dialled), RightPeer, _right);
    }

    public TestPeer LeftPeer { get; } = new();

    public TestPeer RightPeer { get; } = new();

    public PeerChannel Left { get; }

    public PeerChannel Right { get; }

    public MemoryLink LeftLink { get; private init; } = null!;

    public MemoryLink RightLink { get; private init; } = null!;

    public ChannelRuntime LeftRuntime => _left;

    public static Pair InMemory(
        bool dialled, ChannelOptions? options = null, ChannelOptions? theirs = null, Action<Pair>? prepare = null)
    {
        (MemoryLink left, MemoryLink right) = MemoryLink.Pair();
        var pair = new Pair(left, right, dialled, options ?? ChannelOptions.Default, theirs)
        {
            LeftLink = left,
            RightLink = right,
        };
        prepare?.Invoke(pair);
        pair.Left.Start();
        pair.Right.Start();
        return pair;
    }

    /// <summary>
    /// Time passes in which the dialler pings; goes on when the ping was taken, unless it is lost on the way of an end
    /// whose writes are swallowed.
    /// </summary>
    public async Task PassPingAsync(ManualTime time, TimeSpan span, bool leftSwallows)
    {
        bool leftDials = Left.Peer.Dialled;
        PeerChannel answers = leftDials ? Right : Left;
        uint answered = answers.Heartbeat.LatestAnswered;
        time.Pass(span);
        if (leftSwallows != leftDials)
        {
            await Wait.UntilAsync(() => answers.Heartbeat.LatestAnswered > answered, "the ping is answered");
        }
    }

    public static async Task<Pair> OverTlsAsync(bool dialled, ChannelOptions? options = null)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await client.ConnectAsync(listener.LocalEndpoint);
        Socket server = await listener.AcceptSocketAsync();
        server.NoDelay = true;
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var there = new SslStream(new NetworkStream(client, true), false,
            (_, shown, _, _) => shown?.GetCertHashString() == certificate.Thumbprint);
        var here = new SslStream(new NetworkStream(server, true), false);
        await Task.WhenAll(
            here.AuthenticateAsServerAsync(certificate, false, SslProtocols.None, false),
            there.AuthenticateAsClientAsync("test")).WaitAsync(Wait.Bound);
        var pair = new Pair(
            dialled ? there : here, dialled ? here : there, dialled, options ?? ChannelOptions.Default, null);
        pair.Left.Start();
        pair.Right.Start();
        return pair;
    }

    public async ValueTask DisposeAsync()
    {
        LeftLink?.Cut();
        await Left.DisposeAsync().AsTask().WaitAsync(Wait.Bound);
        await Right.DisposeAsync().AsTask().WaitAsync(Wait.Bound);
        _left.Dispose();
        _right.Dispose();
    }
}
