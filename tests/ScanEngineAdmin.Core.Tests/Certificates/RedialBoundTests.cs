using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Directions;
using Queues = System.Threading.Channels.Channel;

namespace ScanEngineAdmin.Core.Tests.Certificates;

/// <summary>A peer that says that a new key of it is in use, and shows the old one whenever it is dialled.</summary>
[Trait("Speed", "Slow")]
public sealed class RedialBoundTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task It_is_dialled_again_60_times_within_an_hour_and_not_more(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(
            way, console => console with { ProbeInterval = TimeSpan.FromHours(1), Linger = TimeSpan.FromHours(1) });
        bool consoleDials = way == CommunicationDirection.ConsoleToEngine;
        await (consoleDials ? pair.StopEngineAsync() : pair.StopConsoleAsync());
        await using var peer = new StaleKeyPeer(pair, consoleDials ? NodeRole.Engine : NodeRole.Console);
        PeerChannel channel = await peer.OpenedAsync();
        for (int i = 0; i < 60; i++)
        {
            await peer.AnnounceAsync(channel);
            channel = await peer.OpenedAsync();
        }

        // A redial would end this channel under one of them.
        for (int i = 0; i < 20; i++)
        {
            await peer.AnnounceAsync(channel);
        }

        if (consoleDials)
        {
            pair.ConsoleNode!.Links.Find(pair.PairingId)!.Redial();
        }
        else
        {
            pair.EngineNode!.Links.Redial(pair.PairingId);
        }

        await peer.OpenedAsync();
        Assert.Equal(62, peer.Opened);
    }

    private sealed class StaleKeyPeer : PlayedNode
    {
        private readonly System.Threading.Channels.Channel<PeerChannel> _channels =
            Queues.CreateUnbounded<PeerChannel>();

        private readonly NodeRole _role;
        private readonly Guid _id;
        private readonly NodeIdentity _next;
        private int _opened;

        public StaleKeyPeer(NodePair pair, NodeRole role)
            : base(pair, role)
        {
            _role = role;
            _id = (role == NodeRole.Engine ? pair.AtConsole.EngineId : pair.AtEngine.ConsoleId)!.Value;
            _next = NodeIdentity.Create(_id, TimeProvider.System);
            pair.StandIn = Listen(channel =>
            {
                Interlocked.Increment(ref _opened);
                _channels.Writer.TryWrite(channel);
            });
        }

        public int Opened => Volatile.Read(ref _opened);

        public Task<PeerChannel> OpenedAsync() => _channels.Reader.ReadAsync().AsTask().WaitAsync(NodePair.Patience);

        public async Task AnnounceAsync(PeerChannel channel)
        {
            CertificateNonce drawn = await channel.AskAsync<CertificateNonce>(
                Methods.CertificateNonce, new CertificateNonceAsk(), default).WaitAsync(NodePair.Patience);
            var proof = new CertificateProof
            {
                Role = _role,
                NodeId = _id,
                PairingId = Pair.PairingId,
                Present = channel.Peer.ShownFingerprint,
                Receiver = channel.Peer.Fingerprint,
                Nonce = drawn.Nonce,
            };
            await channel.AskAsync<Done>(
                Methods.CertificateAnnounce, HostilePeer.Signed(proof, _next) with { InUse = true }, default)
                .WaitAsync(NodePair.Patience);
        }

        public override ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
            PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
            new(method switch
            {
                Methods.Poll => WireJson.Write(new PollReply { Work = false, ProposalTaken = false }),
                Methods.ScanSync => WireJson.Write(new ScanSyncReply { Missing = [] }),
                _ => WireJson.Write(new Done()),
            });

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            _next.Dispose();
        }
    }
}
