using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;

namespace ScanEngineAdmin.Core.Nodes;

/// <summary>The layer above a probe: there is none.</summary>
internal sealed class ProbeHandler : IPeerHandler
{
    public static ProbeHandler Instance { get; } = new();

    public ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
        PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        throw new PeerRequestException((int)RequestCode.UnknownMethod, "A probe is a round trip and nothing else.");

    public Task OnStreamAsync(PeerChannel channel, ChannelStream stream, CancellationToken cancellationToken)
    {
        stream.Reset((int)RequestCode.UnknownMethod, "A probe is a round trip and nothing else.");
        return Task.CompletedTask;
    }
}
