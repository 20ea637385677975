using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Pairing;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Faults.Attack;

/// <summary>Secrets that were used, by whoever still has them; against the console that made them, and the engine.</summary>
internal static class SecretAttacks
{
    public static IReadOnlyList<AttackCase> All { get; } =
    [
        .. Both("spent secret, by the key that was met", MetAsync),
        .. Both("spent secret, another key with the same id", OtherKeyAsync),
        .. Both("bound and spent, another key with the same id", BoundAsync),
        .. Both("thrown out, back by the secret it used", (stage, maker) => ThrownOutAsync(stage, maker, Way.Used)),
        .. Both("thrown out, back by a secret it knew of", (stage, maker) => ThrownOutAsync(stage, maker, Way.Known)),
        .. Both("thrown out, back with a new key", (stage, maker) => ThrownOutAsync(stage, maker, Way.NewKey)),
        .. Both("thrown out, back under a new name", (stage, maker) => ThrownOutAsync(stage, maker, Way.NewName)),
        .. Both("a secret shown more often than it may be", OverusedAsync),
        .. Both("eight keys at once with one single use", RaceAsync),
        new("old disk of an engine that was rebuilt", RebuiltAsync),
    ];

    private enum Way
    {
        Used,
        Known,
        NewKey,
        NewName,
    }

    private static IEnumerable<AttackCase> Both(string name, Func<AttackStage, NodeRole, Task<string>> run) =>
    [
        new($"{name} (console)", stage => run(stage, NodeRole.Console)),
        new($"{name} (engine)", stage => run(stage, NodeRole.Engine)),
    ];

    private static INodeStore Store(AttackStage stage, NodeRole maker) =>
        maker == NodeRole.Console ? stage.Console.Store : stage.Standard.Store;

    private static PairingSecret Make(AttackStage stage, NodeRole maker, int uses, string? bound = null) =>
        maker == NodeRole.Console
            ? stage.Console.CreateSecret(TimeSpan.FromMinutes(5), bound, singleUse: false, uses).Secret
            : stage.Standard.CreateSecret(TimeSpan.FromMinutes(5), bound, singleUse: false, uses).Secret;

    private static Attacker New(NodeRole maker, Guid? id = null) =>
        new(maker == NodeRole.Console ? NodeRole.Engine : NodeRole.Console, id);

    /// <summary>The pairing's number; throws what the maker refused it with.</summary>
    private static async Task<Guid> PairAsync(
        AttackStage stage, NodeRole maker, PairingSecret secret, Attacker attacker, string name = "used")
    {
        IPairingLedger ledger = maker == NodeRole.Console
            ? new EngineLedger(stage.NewEngine().Store, TimeProvider.System)
            : new ConsoleLedger(stage.NewConsole().Store, TimeProvider.System);
        IPEndPoint at = maker == NodeRole.Console ? stage.ConsoleNode.EndPoint : stage.StandardNode.EndPoint!;
        PairedPeer peer = await SecretDial.PairAsync(
            new PairingSelf(attacker.Role, attacker.NodeId, "attacker", "6.6.6", attacker.Identity.Fingerprint),
            attacker.Identity,
            ledger,
            secret,
            name,
            ($"{at.Address}", at.Port),
            TimeProvider.System,
            proxy: null,
            CancellationToken.None);
        return peer.PairingId;
    }

    private static async Task<FaultCode> RefusedAsync(
        AttackStage stage, NodeRole maker, PairingSecret secret, Attacker attacker, string name = "used")
    {
        try
        {
            await PairAsync(stage, maker, secret, attacker, name);
        }
        catch (ScanEngineException e)
        {
            return e.Code;
        }

        throw new AttackException("It was paired.");
    }

    // A channel is the end of a pairing: from then on there is nothing to repeat.
    private static async Task MeetAsync(AttackStage stage, NodeRole maker, Attacker attacker)
    {
        await using PeerChannel channel = maker == NodeRole.Console
            ? await EngineAttacks.DialAsync(stage, attacker)
            : await ConsoleAttacks.DialAsync(stage, attacker);
        await channel.PingAsync(CancellationToken.None).WaitAsync(AttackStage.Patience);
    }

    private static async Task<string> MetAsync(AttackStage stage, NodeRole maker)
    {
        PairingSecret secret = Make(stage, maker, uses: 5);
        using Attacker attacker = New(maker);
        Guid first = await PairAsync(stage, maker, secret, attacker);
        Guid again = await PairAsync(stage, maker, secret, attacker);
        Attacker.Expect(maker == NodeRole.Console ? first : again, again);
        await MeetAsync(stage, maker, attacker);
        await AttackStage.UntilAsync(
            () => Store(stage, maker).GetSecret(secret.SecretId) is { Uses: 1 }, "one key is one use");
        FaultCode code = await UntilRefusedAsync(stage, maker, secret, attacker);
        Attacker.Expect(FaultCode.SecretUsed, code);
        return $"{code}, once it was met";
    }

    // The channel is noted as seen a moment after it was welcomed.
    private static async Task<FaultCode> UntilRefusedAsync(
        AttackStage stage, NodeRole maker, PairingSecret secret, Attacker attacker)
    {
        for (int turn = 0; ; turn++)
        {
            try
            {
                return await RefusedAsync(stage, maker, secret, attacker);
            }
            catch (AttackException) when (turn < 20)
            {
                await MeetAsync(stage, maker, attacker);
            }
        }
    }

    private static async Task<string> OtherKeyAsync(AttackStage stage, NodeRole maker)
    {
        PairingSecret secret = Make(stage, maker, uses: 1);
        using Attacker honest = New(maker);
        using Attacker thief = New(maker, honest.NodeId);
        await PairAsync(stage, maker, secret, honest);
        FaultCode code = await RefusedAsync(stage, maker, secret, thief);
        Attacker.Expect(FaultCode.IdentityConflict, code);
        await MeetAsync(stage, maker, honest);
        return $"{code}, and the first key is the pairing's";
    }

    private static async Task<string> BoundAsync(AttackStage stage, NodeRole maker)
    {
        PairingSecret secret = Make(stage, maker, uses: 1, bound: "used");
        using Attacker honest = New(maker);
        using Attacker thief = New(maker, honest.NodeId);
        await PairAsync(stage, maker, secret, honest);
        FaultCode code = await RefusedAsync(stage, maker, secret, thief);
        Attacker.Expect(FaultCode.SecretUsed, code);
        await MeetAsync(stage, maker, honest);
        return $"{code}, and the first key is the pairing's";
    }

    private static async Task<string> ThrownOutAsync(AttackStage stage, NodeRole maker, Way way)
    {
        PairingSecret used = Make(stage, maker, uses: 20);
        PairingSecret known = Make(stage, maker, uses: 20);
        using Attacker attacker = New(maker);
        using Attacker other = New(maker);
        Guid pairingId = await PairAsync(stage, maker, used, attacker);
        if (maker == NodeRole.Console)
        {
            stage.Console.UnregisterEngine(pairingId);
        }
        else
        {
            stage.Standard.DenyConsole(pairingId);
        }

        FaultCode code = await RefusedAsync(
            stage,
            maker,
            way == Way.Known ? known : used,
            way == Way.NewKey ? other : attacker,
            way == Way.NewName ? "another" : "used");
        Attacker.Expect(FaultCode.SecretRevoked, code);

        // Who it never was is let in by what it never used.
        await PairAsync(stage, maker, known, other, "honest");
        return $"{code}";
    }

    private static async Task<string> OverusedAsync(AttackStage stage, NodeRole maker)
    {
        const int uses = 3;
        PairingSecret secret = Make(stage, maker, uses);
        for (int i = 0; i < uses; i++)
        {
            using Attacker one = New(maker);
            await PairAsync(stage, maker, secret, one, $"used-{i}");
        }

        // All at once: to each of them the secret may look as if nobody had been refused.
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async i =>
        {
            using Attacker late = New(maker);
            Attacker.Expect(FaultCode.SecretUsed, await RefusedAsync(stage, maker, secret, late, $"late-{i}"));
        }));

        SecretRecord record = Store(stage, maker).GetSecret(secret.SecretId)!;
        Attacker.Expect((uses, 4), (record.Uses, record.Refused));
        Attacker.Expect(1, Store(stage, maker).ListEvents(200).Count(line => line.Event == "SecretOverused"));
        return $"SecretUsed, {record.Refused} times; its maker was told once";
    }

    private static async Task<string> RaceAsync(AttackStage stage, NodeRole maker)
    {
        PairingSecret secret = Make(stage, maker, uses: 1);
        Attacker[] all = Enumerable.Range(0, 8).Select(_ => New(maker)).ToArray();
        bool[] paired = await Task.WhenAll(all.Select(async (attacker, i) =>
        {
            try
            {
                await PairAsync(stage, maker, secret, attacker, $"race-{i}");
                return true;
            }
            catch (ScanEngineException)
            {
                return false;
            }
        }));
        Array.ForEach(all, attacker => attacker.Dispose());
        Attacker.Expect(1, paired.Count(one => one));
        return "one of eight";
    }

    private static async Task<string> RebuiltAsync(AttackStage stage)
    {
        using Attacker old = New(NodeRole.Console);
        using Attacker rebuilt = New(NodeRole.Console);
        PairingSecret first = Make(stage, NodeRole.Console, uses: 20);
        Guid pairingId = await PairAsync(stage, NodeRole.Console, first, old, "rebuilt");
        PairingSecret bound = Make(stage, NodeRole.Console, uses: 1, bound: "rebuilt");
        Attacker.Expect(pairingId, await PairAsync(stage, NodeRole.Console, bound, rebuilt, "rebuilt"));
        await MeetAsync(stage, NodeRole.Console, rebuilt);

        Refusal refusal = await Attacker.RefusedAsync(() => EngineAttacks.DialAsync(stage, old));
        Attacker.Expect(RefusalCode.Revoked, refusal.Code);
        foreach ((PairingSecret secret, string name) in new[] { (first, "rebuilt"), (first, "old"), (bound, "rebuilt") })
        {
            FaultCode code = await RefusedAsync(stage, NodeRole.Console, secret, old, name);
            Attacker.Expect(true, code is FaultCode.SecretRevoked or FaultCode.EngineNameInUse);
        }

        return "Revoked, and no secret helps it";
    }
}
