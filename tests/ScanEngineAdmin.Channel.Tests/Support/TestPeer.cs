using System.Net;

namespace ScanEngineAdmin.Channel.Tests.Support;

/// <summary>A layer above that does what a test tells it to.</summary>
internal sealed class TestPeer : IPeerHandler
{
    public Func<PeerChannel, ushort, ReadOnlyMemory<byte>, CancellationToken, ValueTask<ReadOnlyMemory<byte>>> OnRequest
    {
        get;
        set;
    } = (_, _, body, _) => ValueTask.FromResult<ReadOnlyMemory<byte>>(body.ToArray());

    public Func<PeerChannel, ChannelStream, CancellationToken, Task> OnStream { get; set; } =
        (_, _, _) => Task.CompletedTask;

    public ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
        PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        OnRequest(channel, method, body, cancellationToken);

    public Task OnStreamAsync(PeerChannel channel, ChannelStream stream, CancellationToken cancellationToken) =>
        OnStream(channel, stream, cancellationToken);

    public static PeerInfo Info(bool dialled) => new(
        new PeerHello { Role = NodeRole.Engine, NodeId = Guid.NewGuid() },
        default,
        new IPEndPoint(IPAddress.Loopback, 40814),
        new IPEndPoint(IPAddress.Loopback, 50000),
        dialled,
        ChannelProtocol.MaxVersion);
}
