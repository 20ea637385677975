using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Tests.EndToEnd;

namespace ScanEngineAdmin.Core.Tests.Hosts;

/// <summary>A node with the identity of one of the pair, of a version to come.</summary>
internal sealed class NewerNode(Guid id, NodeIdentity identity, NodeRole role) : IDisposable, IPeerHandler
{
    private readonly ChannelRuntime _runtime = new(NodePair.Patient);

    public static NewerNode Of(string folder, NodeRole role)
    {
        (Guid id, NodeIdentity identity) = IdentityFile.LoadOrCreate(folder, TimeProvider.System);
        return new NewerNode(id, identity, role);
    }

    public Task<PeerChannel> DialAsync(IPEndPoint at, Fingerprint pin, int version, HelloFacts? facts = null)
    {
        var properties = new Dictionary<string, string>((facts ?? new HelloFacts()).ToProperties())
        {
            ["something.new"] = "of version 1.9",
        };
        var hello = new PeerHello
        {
            Role = role,
            NodeId = id,
            Name = "newer",
            Product = "9.0.0",
            BootId = Guid.NewGuid(),
            MinVersion = version,
            MaxVersion = version == 1 ? 5 : version,
            Properties = properties,
        };
        return new ChannelDialer(identity, _runtime).OpenChannelAsync(
            new DialTarget(at.Address.ToString(), at.Port, [pin]), hello, this, CancellationToken.None)
            .WaitAsync(NodePair.Patience);
    }

    /// <summary>Stands where the old one stood, and refuses as a newer one would.</summary>
    public ChannelListener Listen(IPEndPoint place) => ChannelListener.Start(
        place, identity, _runtime, (peer, token) => peer.RefuseAsync(
            new Refusal(RefusalCode.Incompatible, "Update the other side.", MinVersion: 2, MaxVersion: 3), token));

    public ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
        PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        ValueTask.FromResult<ReadOnlyMemory<byte>>(default);

    public Task OnStreamAsync(PeerChannel channel, ChannelStream stream, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    public void Dispose()
    {
        _runtime.Dispose();
        identity.Dispose();
    }
}
