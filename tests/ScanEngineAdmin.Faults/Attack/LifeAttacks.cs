using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Faults.Attack;

/// <summary>Who was let in once and should be no more, and who is there twice.</summary>
internal static class LifeAttacks
{
    public static IReadOnlyList<AttackCase> All { get; } =
    [
        new("unregistered engine that stays", async stage =>
        {
            (Attacker attacker, PeerChannel channel, Guid pairingId) = await EngineAttacks.HostileAsync(stage);
            using Attacker own = attacker;
            stage.Console.UnregisterEngine(pairingId);
            await channel.Completion.WaitAsync(AttackStage.Patience);
            Attacker.Expect(RefusalCode.Revoked, channel.Fault!.Refusal!.Code);
            Refusal again = await Attacker.RefusedAsync(() => EngineAttacks.DialAsync(stage, attacker));
            Attacker.Expect(RefusalCode.Revoked, again.Code);
            return "its channel was closed with Revoked, and so is the next";
        }),
        new("denied console that stays", async stage =>
        {
            (Attacker attacker, PeerChannel channel, Guid pairingId) = await ConsoleAttacks.HostileAsync(stage);
            using Attacker own = attacker;
            stage.Standard.DenyConsole(pairingId);
            await channel.Completion.WaitAsync(AttackStage.Patience);
            Attacker.Expect(RefusalCode.Denied, channel.Fault!.Refusal!.Code);
            Refusal again = await Attacker.RefusedAsync(() => ConsoleAttacks.DialAsync(stage, attacker));
            Attacker.Expect(RefusalCode.Denied, again.Code);
            return "its channel was closed with Denied, and so is the next";
        }),
        new("two nodes with one identity", async stage =>
        {
            (Attacker attacker, PeerChannel first, Guid pairingId) = await EngineAttacks.HostileAsync(stage);
            using Attacker own = attacker;

            // Else the second could be let in before the first, which is welcome already.
            await AttackStage.UntilAsync(() => stage.ConsoleNode.Links.Find(pairingId)?.Channels.Any == true, "not let in");
            Guid original = attacker.BootId;
            attacker.BootId = Guid.NewGuid();
            PeerChannel second = await EngineAttacks.DialAsync(stage, attacker);
            await first.Completion.WaitAsync(AttackStage.Patience);
            Attacker.Expect(RefusalCode.Superseded, first.Fault!.Refusal!.Code);
            attacker.BootId = original;
            PeerChannel third = await EngineAttacks.DialAsync(stage, attacker);
            await second.Completion.WaitAsync(AttackStage.Patience);
            await AttackStage.UntilAsync(
                () => stage.Console.Store.ListEvents(50).Any(line => line.Event == "IdentityTwice"), "not audited");
            await AttackStage.UntilAsync(
                () => stage.Console.Store.GetEngine(pairingId)!.StatusDetail
                    .Contains("two nodes", StringComparison.Ordinal),
                "not shown");
            await third.CloseAsync(RefusalCode.Unspecified, "done");
            return "the older one Superseded; the second return found, shown and audited";
        }),
    ];
}
