using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Messages;

namespace ScanEngineAdmin.Faults.Attack;

/// <summary>Paired nodes that mean harm with announcements of certificates.</summary>
internal static class CertificateAttacks
{
    public static IReadOnlyList<AttackCase> All { get; } =
    [
        new("replayed announcement of a certificate, by an engine", async stage =>
        {
            (Attacker attacker, PeerChannel channel, Guid pairingId) = await EngineAttacks.HostileAsync(stage);
            using Attacker own = attacker;
            return await ReplayAsync(
                attacker, channel, pairingId, () => stage.Console.Store.GetEngine(pairingId)!.Pins);
        }),
        new("replayed announcement of a certificate, by a console", async stage =>
        {
            (Attacker attacker, PeerChannel channel, Guid pairingId) = await ConsoleAttacks.HostileAsync(stage);
            using Attacker own = attacker;
            return await ReplayAsync(
                attacker, channel, pairingId, () => stage.Standard.Store.GetConsole(pairingId)!.Pins);
        }),
        new("announced certificate of another engine", async stage =>
        {
            (Attacker attacker, PeerChannel channel, Guid pairingId) = await EngineAttacks.HostileAsync(stage);
            using Attacker own = attacker;
            CertificateAnnounce announce = await SignedAsync(attacker, channel, pairingId, attacker.Identity);
            Fingerprint theirs = stage.Console.Store.GetEngine(stage.StandardId)!.Pins[0];
            await RefusedAsync(
                channel, announce with { PublicKey = [.. announce.PublicKey[..59], .. Convert.FromHexString(theirs.Hex)] });
            await channel.CloseAsync(RefusalCode.Unspecified, "done");
            return stage.Console.Store.GetEngine(pairingId)!.Pins.Count == 1
                ? "no proof, not taken"
                : throw new AttackException("a key without a proof is pinned");
        }),
    ];

    private static async Task<string> ReplayAsync(
        Attacker attacker, PeerChannel channel, Guid pairingId, Func<IReadOnlyList<Fingerprint>> pins)
    {
        using NodeIdentity retired = NodeIdentity.Create(attacker.NodeId, TimeProvider.System);
        CertificateAnnounce recorded = await SignedAsync(attacker, channel, pairingId, retired);
        await channel.AskAsync<Done>(Methods.CertificateAnnounce, recorded, CancellationToken.None);
        await channel.AskAsync<Done>(Methods.CertificateSettle, new CertificateSettle(), CancellationToken.None);
        await RefusedAsync(channel, recorded);
        await NonceAsync(channel);
        await RefusedAsync(channel, recorded);
        await channel.CloseAsync(RefusalCode.Unspecified, "done");
        return pins() is [var only] && only == attacker.Identity.Fingerprint
            ? "refused, with and without a number drawn for it"
            : throw new AttackException("a retired key is let in again");
    }

    private static async Task<CertificateAnnounce> SignedAsync(
        Attacker attacker, PeerChannel channel, Guid pairingId, NodeIdentity announced)
    {
        var proof = new CertificateProof
        {
            Role = attacker.Role,
            NodeId = attacker.NodeId,
            PairingId = pairingId,
            Present = channel.Peer.ShownFingerprint,
            Receiver = channel.Peer.Fingerprint,
            Nonce = await NonceAsync(channel),
        };
        return new CertificateAnnounce
        {
            PublicKey = announced.Certificate.PublicKey.ExportSubjectPublicKeyInfo(),
            Signature = proof.Sign(announced),
            InUse = true,
        };
    }

    private static async Task<byte[]> NonceAsync(PeerChannel channel) => (await channel
        .AskAsync<CertificateNonce>(Methods.CertificateNonce, new CertificateNonceAsk(), CancellationToken.None)).Nonce;

    private static async Task RefusedAsync(PeerChannel channel, CertificateAnnounce announce)
    {
        try
        {
            await channel.AskAsync<Done>(Methods.CertificateAnnounce, announce, CancellationToken.None);
        }
        catch (ChannelException refused) when (refused.Fault == ChannelFault.RequestFailed)
        {
            return;
        }

        throw new AttackException("the announcement was taken");
    }
}
