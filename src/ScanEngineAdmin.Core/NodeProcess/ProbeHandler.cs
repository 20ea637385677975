using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;

namespace ScanEngineAdmin.Core.NodeProcess;

/// <summary>
/// What may be asked over a probe: what the other end sees of the way, and nothing that changes anything.
/// </summary>
internal sealed class ProbeHandler(IPeerHandler inner) : IPeerHandler
{
    public ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
        PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        method is Methods.EngineReachability or Methods.ConsoleReachability or Methods.ProbeYou
            ? inner.OnRequestAsync(channel, method, body, cancellationToken)
            : throw new PeerRequestException(
                (int)RequestCode.UnknownMethod, "Over a probe only the way itself can be asked about.");

    public Task OnStreamAsync(PeerChannel channel, ChannelStream stream, CancellationToken cancellationToken)
    {
        stream.Reset((int)RequestCode.UnknownMethod, "A probe takes no streams.");
        return Task.CompletedTask;
    }
}
