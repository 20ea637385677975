using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Core.Tests.Certificates;

/// <summary>A paired node with the right key that says what it likes about certificates.</summary>
internal sealed class HostilePeer : IAsyncDisposable, IPeerHandler
{
    private readonly ChannelRuntime _runtime = new(NodePair.Patient);
    private readonly NodePair _pair;
    private readonly NodeRole _role;
    private readonly Guid _id;

    private HostilePeer(NodePair pair, NodeRole role)
    {
        (_pair, _role) = (pair, role);
        (_id, Key) = IdentityFile.LoadOrCreate(
            role == NodeRole.Engine ? pair.EngineFolder.Engine : pair.ConsoleFolder.Console, TimeProvider.System);
    }

    /// <summary>The key that its pairing is for.</summary>
    public NodeIdentity Key { get; }

    public PeerChannel Channel { get; private set; } = null!;

    /// <summary>What the attacked side lets in.</summary>
    public IReadOnlyList<Fingerprint> Pins => _role == NodeRole.Engine ? _pair.AtConsole.Pins : _pair.AtEngine.Pins;

    /// <summary>Direction in which a node of that role dials.</summary>
    public static CommunicationDirection Way(NodeRole role) => role == NodeRole.Engine
        ? CommunicationDirection.EngineToConsole
        : CommunicationDirection.ConsoleToEngine;

    /// <summary>In place of the pair's own node of that role, which has to be stopped.</summary>
    public static async Task<HostilePeer> OpenAsync(NodePair pair, NodeRole role, NodeIdentity? shown = null)
    {
        var peer = new HostilePeer(pair, role);
        peer.Channel = await peer.DialAsync(shown ?? peer.Key);
        return peer;
    }

    public async Task<PeerChannel> DialAsync(NodeIdentity shown)
    {
        bool engine = _role == NodeRole.Engine;
        Relay way = engine ? _pair.ToConsole : _pair.ToEngine;
        var hello = new PeerHello
        {
            Role = _role,
            NodeId = _id,
            Name = "hostile",
            Product = "1.0.0",
            BootId = Guid.NewGuid(),
            Properties = new HelloFacts { PairingId = _pair.PairingId, Direction = Way(_role), Epoch = 0 }
                .ToProperties(),
        };
        IReadOnlyList<Fingerprint> pins = engine ? _pair.AtEngine.Pins : _pair.AtConsole.Pins;
        return await new ChannelDialer(shown, _runtime).OpenChannelAsync(
            new DialTarget(way.Host, way.EndPoint.Port, pins), hello, this, CancellationToken.None)
            .WaitAsync(NodePair.Patience);
    }

    public async Task<byte[]> NonceAsync()
    {
        CertificateNonce drawn = await Channel.AskAsync<CertificateNonce>(
            Methods.CertificateNonce, new CertificateNonceAsk(), CancellationToken.None).WaitAsync(NodePair.Patience);
        return drawn.Nonce;
    }

    public CertificateProof Proof(byte[] nonce) => new()
    {
        Role = _role,
        NodeId = _id,
        PairingId = _pair.PairingId,
        Present = Channel.Peer.ShownFingerprint,
        Receiver = Channel.Peer.Fingerprint,
        Nonce = nonce,
    };

    public static CertificateAnnounce Signed(
        CertificateProof proof, NodeIdentity announced, NodeIdentity? shown = null) =>
        new()
        {
            PublicKey = (shown ?? announced).Certificate.PublicKey.ExportSubjectPublicKeyInfo(),
            Signature = proof.Sign(announced),
            InUse = false,
        };

    public Task AnnounceAsync(CertificateAnnounce announce) => Channel.AskAsync<Done>(
        Methods.CertificateAnnounce, announce, CancellationToken.None).WaitAsync(NodePair.Patience);

    public async Task<RequestCode> RefusedAsync(CertificateAnnounce announce)
    {
        ChannelException refused = await Assert.ThrowsAsync<ChannelException>(() => AnnounceAsync(announce));
        Assert.Equal(ChannelFault.RequestFailed, refused.Fault);
        return (RequestCode)refused.PeerCode;
    }

    /// <summary>A key of its own, announced as the rules are.</summary>
    public async Task<NodeIdentity> AnnounceAsync()
    {
        NodeIdentity next = NodeIdentity.Create(_id, TimeProvider.System);
        await AnnounceAsync(Signed(Proof(await NonceAsync()), next));
        return next;
    }

    public Task SettleAsync() => Channel.AskAsync<Done>(
        Methods.CertificateSettle, new CertificateSettle(), CancellationToken.None).WaitAsync(NodePair.Patience);

    public ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
        PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        method == Methods.ScanSync
            ? ValueTask.FromResult<ReadOnlyMemory<byte>>(WireJson.Write(new ScanSyncReply { Missing = [] }))
            : throw new PeerRequestException((int)RequestCode.UnknownMethod, "An older version has no such method.");

    public Task OnStreamAsync(PeerChannel channel, ChannelStream stream, CancellationToken cancellationToken)
    {
        stream.Reset(0, "none");
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await Channel.DisposeAsync();
        _runtime.Dispose();
        Key.Dispose();
    }
}
