using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Core.Diagnosis;

/// <summary>A probe's half of a channel: it asks for nothing but a round trip, and answers nothing.</summary>
internal sealed class FirewallTestProbe : IPeerHandler
{
    public const string PurposeKey = "purpose";
    public const string Purpose = "probe";

    private const int NotForProbes = 1;

    public ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
        PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        throw new PeerRequestException(NotForProbes, "This is a reachability test; it takes no work.");

    public Task OnStreamAsync(PeerChannel channel, ChannelStream stream, CancellationToken cancellationToken)
    {
        stream.Reset(NotForProbes, "This is a reachability test; it takes no work.");
        return Task.CompletedTask;
    }
}
