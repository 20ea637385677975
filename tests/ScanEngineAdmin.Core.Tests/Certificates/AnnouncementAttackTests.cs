using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Engines;

namespace ScanEngineAdmin.Core.Tests.Certificates;

/// <summary>A paired node, engine or console, that means harm with announcements.</summary>
[Trait("Speed", "Slow")]
public sealed class AnnouncementAttackTests
{
    public static TheoryData<NodeRole> Attackers { get; } = [NodeRole.Engine, NodeRole.Console];

    [Theory, MemberData(nameof(Attackers))]
    public async Task An_announcement_that_was_made_before_is_not_heard_again(NodeRole role)
    {
        await using NodePair pair = await PairedAsync(role);
        await using HostilePeer peer = await HostilePeer.OpenAsync(pair, role);
        using NodeIdentity next = NodeIdentity.Create(Guid.NewGuid(), TimeProvider.System);
        CertificateAnnounce recorded = HostilePeer.Signed(peer.Proof(await peer.NonceAsync()), next);
        await peer.AnnounceAsync(recorded);
        Assert.Equal([peer.Key.Fingerprint, next.Fingerprint], peer.Pins);
        await peer.SettleAsync();
        Assert.Equal([peer.Key.Fingerprint], peer.Pins);

        Assert.Equal(RequestCode.Stale, await peer.RefusedAsync(recorded));
        await peer.NonceAsync();
        Assert.Equal(RequestCode.CertificateRefused, await peer.RefusedAsync(recorded));

        Assert.Equal([peer.Key.Fingerprint], peer.Pins);
    }

    [Theory, MemberData(nameof(Attackers))]
    public async Task A_number_that_was_drawn_over_another_channel_is_worth_nothing(NodeRole role)
    {
        await using NodePair pair = await PairedAsync(role);
        await using HostilePeer first = await HostilePeer.OpenAsync(pair, role);
        byte[] number = await first.NonceAsync();
        await using HostilePeer second = await HostilePeer.OpenAsync(pair, role);
        using NodeIdentity next = NodeIdentity.Create(Guid.NewGuid(), TimeProvider.System);

        Assert.Equal(
            RequestCode.Stale, await second.RefusedAsync(HostilePeer.Signed(second.Proof(number), next)));

        Assert.Equal([second.Key.Fingerprint], second.Pins);
    }

    [Theory, MemberData(nameof(Attackers))]
    public async Task A_key_that_it_does_not_hold_cannot_be_announced(NodeRole role)
    {
        await using NodePair pair = await PairedAsync(role);
        await using HostilePeer peer = await HostilePeer.OpenAsync(pair, role);
        using NodeIdentity own = NodeIdentity.Create(Guid.NewGuid(), TimeProvider.System);
        using NodeIdentity foreign = NodeIdentity.Create(Guid.NewGuid(), TimeProvider.System);

        CertificateProof proof = peer.Proof(await peer.NonceAsync());
        Assert.Equal(
            RequestCode.CertificateRefused, await peer.RefusedAsync(HostilePeer.Signed(proof, own, shown: foreign)));
        CertificateAnnounce broken = HostilePeer.Signed(peer.Proof(await peer.NonceAsync()), own);
        broken = broken with { PublicKey = broken.PublicKey[..^1] };
        Assert.Equal(RequestCode.CertificateRefused, await peer.RefusedAsync(broken));

        Assert.Equal([peer.Key.Fingerprint], peer.Pins);
    }

    [Theory, MemberData(nameof(Attackers))]
    public async Task What_was_signed_for_another_pairing_role_or_receiver_is_worth_nothing(NodeRole role)
    {
        await using NodePair pair = await PairedAsync(role);
        await using HostilePeer peer = await HostilePeer.OpenAsync(pair, role);
        using NodeIdentity next = NodeIdentity.Create(Guid.NewGuid(), TimeProvider.System);
        Func<CertificateProof, CertificateProof>[] others =
        [
            proof => proof with { PairingId = Guid.NewGuid() },
            proof => proof with { NodeId = Guid.NewGuid() },
            proof => proof with { Role = role == NodeRole.Engine ? NodeRole.Console : NodeRole.Engine },
            proof => proof with { Receiver = next.Fingerprint },
            proof => proof with { Present = next.Fingerprint },
        ];
        foreach (Func<CertificateProof, CertificateProof> other in others)
        {
            CertificateProof proof = other(peer.Proof(await peer.NonceAsync()));
            Assert.Equal(RequestCode.CertificateRefused, await peer.RefusedAsync(HostilePeer.Signed(proof, next)));
        }

        Assert.Equal([peer.Key.Fingerprint], peer.Pins);
    }

    [Fact]
    public async Task The_key_of_another_pairing_is_not_taken_even_from_whoever_holds_it()
    {
        await using NodePair pair = await PairedAsync(NodeRole.Engine);
        await using HostilePeer peer = await HostilePeer.OpenAsync(pair, NodeRole.Engine);
        using NodeIdentity shared = NodeIdentity.Create(Guid.NewGuid(), TimeProvider.System);
        pair.Console.Store.AddEngine(pair.AtConsole with
        {
            PairingId = Guid.NewGuid(),
            EngineId = Guid.NewGuid(),
            Name = "other",
            Pins = [shared.Fingerprint],
        });

        CertificateAnnounce announce = HostilePeer.Signed(peer.Proof(await peer.NonceAsync()), shared);
        Assert.Equal(RequestCode.CertificateRefused, await peer.RefusedAsync(announce));

        Assert.Equal([peer.Key.Fingerprint], peer.Pins);
        Assert.Contains(pair.Console.Store.ListEvents(20), one => one.Event == "PeerCertificateRefused");
    }

    [Theory, MemberData(nameof(Attackers))]
    public async Task The_receivers_own_key_is_not_taken_even_from_whoever_holds_it(NodeRole role)
    {
        await using NodePair pair = await PairedAsync(role);
        await using HostilePeer peer = await HostilePeer.OpenAsync(pair, role);
        using NodeIdentity stolen = IdentityFile.LoadOrCreate(
            role == NodeRole.Engine ? pair.ConsoleFolder.Console : pair.EngineFolder.Engine, TimeProvider.System).Identity;

        CertificateAnnounce announce = HostilePeer.Signed(peer.Proof(await peer.NonceAsync()), stolen);
        Assert.Equal(RequestCode.CertificateRefused, await peer.RefusedAsync(announce));

        Assert.Equal([peer.Key.Fingerprint], peer.Pins);
    }

    [Theory, MemberData(nameof(Attackers))]
    public async Task There_are_never_more_than_two_keys_and_so_many_changes_an_hour(NodeRole role)
    {
        await using NodePair pair = await PairedAsync(role);
        await using HostilePeer peer = await HostilePeer.OpenAsync(pair, role);
        for (int at = 0; at < NodeCertificate.ChangesPerPeer; at++)
        {
            using NodeIdentity next = await peer.AnnounceAsync();
            Assert.Equal([peer.Key.Fingerprint, next.Fingerprint], peer.Pins);
        }

        using NodeIdentity tooMany = NodeIdentity.Create(Guid.NewGuid(), TimeProvider.System);
        CertificateAnnounce announce = HostilePeer.Signed(peer.Proof(await peer.NonceAsync()), tooMany);
        Assert.Equal(RequestCode.Busy, await peer.RefusedAsync(announce));
        Assert.Equal(2, peer.Pins.Count);
    }

    [Theory, MemberData(nameof(Attackers))]
    public async Task The_old_key_gets_nothing_after_the_end(NodeRole role)
    {
        await using NodePair pair = await PairedAsync(role);
        await using HostilePeer thief = await HostilePeer.OpenAsync(pair, role);
        using NodeIdentity next = await thief.AnnounceAsync();
        PeerChannel stolen = thief.Channel;
        PeerChannel owner = await thief.DialAsync(next);
        await owner.AskAsync<Done>(Methods.CertificateSettle, new CertificateSettle(), CancellationToken.None)
            .WaitAsync(NodePair.Patience);

        Assert.Equal([next.Fingerprint], thief.Pins);
        await stolen.Completion.WaitAsync(NodePair.Patience);
        ChannelException refused = await Assert.ThrowsAsync<ChannelException>(() => thief.DialAsync(thief.Key));
        Assert.Equal(RefusalCode.IdentityConflict, refused.Refusal?.Code);
        await owner.DisposeAsync();
    }

    [Theory, MemberData(nameof(Attackers))]
    public async Task A_peer_of_a_version_before_lags_with_that_reason_and_stops_no_rollback(NodeRole role)
    {
        await using NodePair pair = await PairedAsync(role);
        var rotation = new Rotation(pair, role == NodeRole.Engine ? NodeRole.Console : NodeRole.Engine);
        Fingerprint old = rotation.Running;
        await using HostilePeer older = await HostilePeer.OpenAsync(pair, role);

        rotation.Client.Prepare();
        CertificateReport report = await rotation.UntilAsync(now => now.Lagging is [{ Detail: var why }]
            && why.Contains("does not know the replacement", StringComparison.Ordinal));
        Assert.Contains("1.0.0", report.Lagging[0].Detail, StringComparison.Ordinal);

        rotation.Client.RollBack();
        Assert.Equal(old, (await rotation.SettledAsync()).Fingerprint);
    }

    /// <summary>Paired the way in which the attacker dials, and its own node is gone.</summary>
    private static async Task<NodePair> PairedAsync(NodeRole attacker)
    {
        NodePair pair = await NodePair.ActiveAsync(HostilePeer.Way(attacker));
        await (attacker == NodeRole.Engine ? pair.StopEngineAsync() : pair.StopConsoleAsync());
        Assert.Equal(EngineState.Paired, pair.AtConsole.State);
        return pair;
    }
}
