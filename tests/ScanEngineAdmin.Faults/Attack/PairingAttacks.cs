using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Pairing;

namespace ScanEngineAdmin.Faults.Attack;

/// <summary>Strangers on the way into a pairing.</summary>
internal static class PairingAttacks
{
    public static IReadOnlyList<AttackCase> All { get; } =
    [
        new("guessing secrets", GuessAsync),
        new("replayed pairing", ReplayAsync),
        new("stolen secret after its end", StolenAsync),
        new("man in the middle", MiddleAsync),
        new("names as weapons", NamesAsync),
        new("flood of pending engines", PendingAsync),
        new("name taken by a claim", SquatAsync),
        new("another key for a pending id", ConfusionAsync),
    ];

    /// <summary>Asks for approval, as an engine; what the console answers.</summary>
    public static async Task<ApprovalStatus> AskAsync(AttackStage stage, Attacker attacker, PairingBegin begin)
    {
        await using (PairingConnection connection = await attacker
            .DialPairingAsync(stage.ConsoleNode.EndPoint, stage.ConsoleNode.Fingerprint))
        {
            var messages = new DialledPairing(connection);
            await messages.SendAsync(begin, CancellationToken.None);
            return await messages.ReceiveAsync<ApprovalStatus>(CancellationToken.None);
        }
    }

    public static PairingBegin Begin(Attacker attacker, string engineName) => new()
    {
        NodeId = attacker.NodeId,
        Role = attacker.Role,
        Name = "attacker",
        Product = "6.6.6",
        EngineName = engineName,
        Direction = CommunicationDirection.EngineToConsole,
    };

    private static async Task<Refusal> GuessOnceAsync(AttackStage stage, Attacker attacker, Guid secretId)
    {
        return await Attacker.RefusedAsync(async () =>
        {
            await using (PairingConnection connection = await attacker
                .DialPairingAsync(stage.ConsoleNode.EndPoint, stage.ConsoleNode.Fingerprint))
            {
                var messages = new DialledPairing(connection);
                await messages.SendAsync(
                    Begin(attacker, "guess") with { SecretId = secretId, Nonce = new byte[32] },
                    CancellationToken.None);
                await messages.ReceiveAsync<PairingChallenge>(CancellationToken.None);
                await messages.SendAsync(new PairingProve { Proof = new byte[32] }, CancellationToken.None);
                await messages.ReceiveAsync<PairingDone>(CancellationToken.None);
            }
        });
    }

    private static async Task<string> GuessAsync(AttackStage stage)
    {
        using var attacker = new Attacker(NodeRole.Engine);
        Guid real = stage.Console.CreateSecret(TimeSpan.FromMinutes(5), null, singleUse: false).Record.SecretId;
        for (int i = 0; i < SecretAttempts.FreePerAddress; i++)
        {
            Refusal wrong = await GuessOnceAsync(stage, attacker, i % 2 == 0 ? real : Guid.NewGuid());
            Attacker.Expect(RefusalCode.SecretWrong, wrong.Code);
        }

        Refusal slowed = await GuessOnceAsync(stage, attacker, real);
        Attacker.Expect(RefusalCode.Busy, slowed.Code);
        if (slowed.RetryAfter is not { } after)
        {
            throw new AttackException("No time to wait was said.");
        }

        // The refusal is on its way before it is written down.
        await AttackStage.UntilAsync(
            () => stage.Console.Store.ListEvents(20).Any(line => line.Event == "PairingRefused"), "not audited");
        return $"SecretWrong {SecretAttempts.FreePerAddress} times, then Busy for {after.TotalSeconds:0.#} s";
    }

    // Everything that a right pairing said, said again by another key.
    private static async Task<string> ReplayAsync(AttackStage stage)
    {
        PairingSecret secret = stage.Console.CreateSecret(TimeSpan.FromMinutes(5), null, singleUse: false).Secret;
        using var honest = new Attacker(NodeRole.Engine);
        using var thief = new Attacker(NodeRole.Engine);
        PairingBegin begin = Begin(honest, "replayed") with { SecretId = secret.SecretId, Nonce = new byte[32] };
        PairingProve? proof = null;
        foreach (Attacker node in new[] { honest, thief })
        {
            await using (PairingConnection connection = await node
                .DialPairingAsync(stage.ConsoleNode.EndPoint, stage.ConsoleNode.Fingerprint))
            {
                var messages = new DialledPairing(connection);
                await messages.SendAsync(begin, CancellationToken.None);
                PairingChallenge challenge = await messages.ReceiveAsync<PairingChallenge>(CancellationToken.None);
                proof ??= new PairingProve
                {
                    Proof = PairingProof.OfUser(
                        secret, Transcript(begin, challenge, node, stage.ConsoleNode.Fingerprint)),
                };
                await messages.SendAsync(proof, CancellationToken.None);
                if (node == honest)
                {
                    await messages.ReceiveAsync<PairingDone>(CancellationToken.None);
                    continue;
                }

                Refusal refusal = await Attacker.RefusedAsync(() =>
                    messages.ReceiveAsync<PairingDone>(CancellationToken.None));
                Attacker.Expect(RefusalCode.SecretWrong, refusal.Code);
            }
        }

        return "SecretWrong";
    }

    private static PairingTranscript Transcript(
        PairingBegin begin, PairingChallenge challenge, Attacker user, Fingerprint maker) => new()
        {
            UserRole = begin.Role,
            MakerRole = challenge.Role,
            UserNodeId = begin.NodeId,
            MakerNodeId = challenge.NodeId,
            UserName = begin.Name,
            MakerName = challenge.Name,
            UserProduct = begin.Product,
            MakerProduct = challenge.Product,
            UserFingerprint = user.Identity.Fingerprint,
            MakerFingerprint = maker,
            UserNonce = begin.Nonce!,
            MakerNonce = challenge.Nonce,
            SecretId = begin.SecretId!.Value,
            PairingId = challenge.PairingId,
            Epoch = challenge.Epoch,
            EngineName = begin.EngineName,
            Direction = begin.Direction,
        };

    private static Task<ConsoleRecord> PairAsync(AttackStage stage, IPEndPoint at, PairingSecret secret, string name) =>
        stage.NewEngine().PairAsync(
            $"{at.Address}", at.Port, secret, name, TimeSpan.FromSeconds(5), CancellationToken.None);

    private static async Task<string> StolenAsync(AttackStage stage)
    {
        var met = new List<FaultCode>();
        (SecretRecord expired, PairingSecret first) = stage.Console.CreateSecret(
            TimeSpan.FromSeconds(1), null, singleUse: false);
        (SecretRecord revoked, PairingSecret second) = stage.Console.CreateSecret(
            TimeSpan.FromMinutes(5), null, singleUse: false);
        PairingSecret bound = stage.Console.CreateSecret(TimeSpan.FromMinutes(5), "plant-7", singleUse: false).Secret;
        stage.Console.RevokeSecret(revoked.SecretId);
        await AttackStage.UntilAsync(() => DateTimeOffset.UtcNow > expired.ExpiresAt, "the clock stands");
        foreach (PairingSecret secret in new[] { first, second, bound })
        {
            try
            {
                await PairAsync(stage, stage.ConsoleNode.EndPoint, secret, "thief");
                throw new AttackException("A thief was paired.");
            }
            catch (ScanEngineException e)
            {
                met.Add(e.Code);
            }
        }

        Attacker.Expect("SecretExpired, SecretRevoked, SecretBound", string.Join(", ", met));
        return string.Join(", ", met);
    }

    // An engine that holds a right secret is led to another node, which wants to hear its proof.
    private static async Task<string> MiddleAsync(AttackStage stage)
    {
        using var middle = new Attacker(NodeRole.Console);
        using var runtime = new ChannelRuntime(AttackStage.Patient);
        int heard = 0;
        await using (ChannelListener listener = ChannelListener.Start(
            new IPEndPoint(stage.At(60), 0),
            middle.Identity,
            runtime,
            (_, _) => Task.FromResult(Interlocked.Increment(ref heard))))
        {
            PairingSecret secret = stage.Console.CreateSecret(TimeSpan.FromMinutes(5), null, singleUse: false).Secret;
            try
            {
                await PairAsync(stage, listener.EndPoint, secret, "led-astray");
            }
            catch (ScanEngineException e) when (e.Code is FaultCode.PeerNotTrusted or FaultCode.TlsIntercepted)
            {
                Attacker.Expect(0, heard);
                return $"{e.Code}, before a word was said";
            }
        }

        throw new AttackException("The one in the middle was believed.");
    }

    private static async Task<string> NamesAsync(AttackStage stage)
    {
        using var attacker = new Attacker(NodeRole.Engine);
        PairingBegin sound = Begin(attacker, "sound");
        PairingBegin[] weapons =
        [
            sound with { EngineName = "../../etc/passwd" },
            sound with { EngineName = ".." },
            sound with { EngineName = "a\nb" },
            sound with { EngineName = "C:\\x" },
            sound with { Name = "x\n2026-01-01 Paired admin" },
            sound with { Name = "\u001b[2J\u001b]0;owned\u0007" },
            sound with { Name = "\u202egnp.exe" },
            sound with { Product = "\u2028" },
            sound with { Name = new string('n', 200) },
        ];
        foreach (PairingBegin weapon in weapons)
        {
            Refusal refusal = await Attacker.RefusedAsync(() => AskAsync(stage, attacker, weapon));
            Attacker.Expect(RefusalCode.BadHello, refusal.Code);
        }

        Attacker.Expect(2, stage.Console.Store.ListEngines().Count);
        return $"BadHello, {weapons.Length} times";
    }

    private static async Task<string> PendingAsync(AttackStage stage)
    {
        for (int i = 0; i < 24; i++)
        {
            using var attacker = new Attacker(NodeRole.Engine);
            await AskAsync(stage, attacker, Begin(attacker, $"flood-{i}"));
        }

        int pending = stage.Console.Store.ListEngines().Count(engine => engine.State == EngineState.Pending);
        int asked = stage.Console.Store.ListEvents(100).Count(line => line.Event == "ApprovalAsked");
        Attacker.Expect(8, pending);
        return asked <= 20
            ? $"{pending} of 24 are kept, {asked} audited"
            : throw new AttackException($"{asked} were audited");
    }

    private static async Task<string> SquatAsync(AttackStage stage)
    {
        using var attacker = new Attacker(NodeRole.Engine);
        await AskAsync(stage, attacker, Begin(attacker, "wanted"));
        var honest = stage.NewEngine();
        Guid pairingId = (await stage.PairReverseAsync(honest, "wanted")).PairingId;
        EngineRecord owner = stage.Console.Store.FindEngine("wanted")!;
        Attacker.Expect(
            (pairingId, EngineState.Paired, false),
            (owner.PairingId, owner.State, owner.Pins.Contains(attacker.Identity.Fingerprint)));
        return "the name went to who proved a secret";
    }

    private static async Task<string> ConfusionAsync(AttackStage stage)
    {
        using var honest = new Attacker(NodeRole.Engine);
        using var stranger = new Attacker(NodeRole.Engine, honest.NodeId);
        await AskAsync(stage, honest, Begin(honest, "waits"));
        Refusal refusal = await Attacker.RefusedAsync(() => AskAsync(stage, stranger, Begin(stranger, "waits")));
        Attacker.Expect(RefusalCode.IdentityConflict, refusal.Code);
        Attacker.Expect(honest.Identity.Fingerprint, stage.Console.Store.FindEngine("waits")!.ObservedFingerprint);
        return $"{refusal.Code}, and the fingerprint shown is still the first one";
    }
}
