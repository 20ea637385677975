using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Plan;

namespace ScanEngineAdmin.Faults.Attack;

/// <summary>
/// A paired engine that is hostile as a member of a pool: whatever it does with its parts and with those of others, the
/// other members find every unit once, and nothing of the hostile one's is stored.
/// </summary>
internal static class PoolAttacks
{
    private const string Name = "hostile";
    private const int Targets = 16;
    private const int Ports = 5;

    // More than an absent engine's parts have in these cases; a real pool's have a minute at least.
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(2);

    // What ends a part is the forgery, and not the time that a busy machine takes for it.
    private static readonly TimeSpan LongLease = TimeSpan.FromMinutes(1);

    public static IReadOnlyList<AttackCase> All { get; } =
    [
        new("pool: units behind its part", stage => ForgedAsync(
            stage, (part, own) => own with { Unit = part.PartUnits })),
        new("pool: units of another's targets", stage => ForgedAsync(
            stage, (_, own) => own with { Target = $"{stage.At(Targets + Targets - 1)}" })),
        new("pool: a cursor behind its part", stage => FencedAsync(
            stage, part => EngineAttacks.Batch() with { Cursor = part.PartUnits + 1 }, ScanState.Failed)),
        new("pool: the part of another member", OthersPartAsync),
        new("pool: parts that it never had", NeverHadAsync),
        new("pool: parts taken and never done", stage => TakenAsync(stage, Attacker.Obeying)),
        new("pool: parts taken, and then unknown", stage => TakenAsync(stage, Forgetful)),
        new("pool: parts refused without end", RefusedAsync),
        new("pool: a clock that is at its end", stage => TakenAsync(stage, method => Clock(method, long.MaxValue))),
        new("pool: a clock before its beginning", stage => TakenAsync(stage, method => Clock(method, long.MinValue))),
        new("pool: batches of a part that say nothing", EmptyAsync),
    ];

    private static byte[] Forgetful(ushort method) => method == Methods.ScanSync
        ? WireJson.Write(new ScanSyncReply { Missing = [Guid.NewGuid(), Guid.Empty] })
        : Attacker.Obeying(method);

    private static byte[] Clock(ushort method, long now) => method == Methods.LeaseClock
        ? WireJson.Write(new LeaseClockTime { NowMs = now })
        : Attacker.Obeying(method);

    private static Task<string> ForgedAsync(AttackStage stage, Func<ScanRecord, Finding, Finding> forge) => FencedAsync(
        stage,
        part => EngineAttacks.Batch() with
        {
            Findings = [forge(part, new Finding(0, part.Request.Targets[0], 1, PortState.Closed, null, null))],
        },
        ScanState.Failed);

    private static async Task<string> FencedAsync(
        AttackStage stage, Func<ScanRecord, ScanBatch> forge, ScanState becomes)
    {
        using var member = await Member.JoinAsync(stage, Attacker.Obeying, LongLease);
        ScanRecord part = await member.PartAsync();
        BatchOutcome outcome = await EngineAttacks.SendAsync(member.Channel, part.ScanId, forge(part), part.Attempt);
        ScanRecord now = stage.Console.Store.GetScan(part.ScanId)!;
        Attacker.Expect((BatchOutcome.Fenced, becomes, 0L), (outcome, now.State, (long)now.FindingCount));
        return $"{outcome}; {await member.CompletedAsync()}";
    }

    private static async Task<string> OthersPartAsync(AttackStage stage)
    {
        using var member = await Member.JoinAsync(stage, Attacker.Obeying);
        var outcomes = new List<BatchOutcome>();
        foreach (ScanPart other in await member.OthersPartsAsync())
        {
            outcomes.Add(await EngineAttacks.SendAsync(member.Channel, other.ScanId, EngineAttacks.Batch() with
            {
                Cursor = Ports,
                Final = ScanState.Completed,
                Detail = "forged",
            }));
        }

        outcomes.ForEach(outcome => Attacker.Expect(BatchOutcome.Fenced, outcome));
        return $"{outcomes.Count} times Fenced; {await member.CompletedAsync()}";
    }

    private static async Task<string> NeverHadAsync(AttackStage stage)
    {
        using var member = await Member.JoinAsync(stage, Attacker.Obeying);
        ScanRecord part = await member.PartAsync();
        ScanBatch done = EngineAttacks.Batch() with { Cursor = Ports, Final = ScanState.Completed };
        foreach ((Guid id, int attempt) in new[]
        {
            (member.Scan.ScanId, 1), (Guid.NewGuid(), 1), (part.ScanId, part.Attempt + 1), (part.ScanId, 0),
        })
        {
            Attacker.Expect(
                BatchOutcome.Fenced, await EngineAttacks.SendAsync(member.Channel, id, done, attempt));
        }

        return $"Fenced; {await member.CompletedAsync()}";
    }

    private static async Task<string> TakenAsync(AttackStage stage, Func<ushort, byte[]> answer)
    {
        using var member = await Member.JoinAsync(stage, answer);
        await member.PartAsync();
        return await member.CompletedAsync();
    }

    private static async Task<string> RefusedAsync(AttackStage stage)
    {
        using var member = await Member.JoinAsync(stage, method => method == Methods.ScanStart
            ? throw new PeerRequestException((int)RequestCode.ScanRefused, "not here")
            : Attacker.Obeying(method));
        string done = await member.CompletedAsync();
        int refused = member.Parts().Count(part => part.EngineName == Name);
        return refused <= PartLedger.MaxRefusals
            ? $"{refused} refused; {done}"
            : throw new AttackException($"{refused} parts were given to one that refuses all.");
    }

    private static async Task<string> EmptyAsync(AttackStage stage)
    {
        using var member = await Member.JoinAsync(stage, Attacker.Obeying);
        ScanRecord part = await member.PartAsync();
        (long taken, TimeSpan time) = await EngineAttacks.FloodAsync(
            member.Channel, part.ScanId, _ => EngineAttacks.Batch(), _ => { });
        EngineAttacks.Paced(taken, time);
        return $"{taken} taken in {time.TotalSeconds:0} s; {await member.CompletedAsync()}";
    }

    /// <summary>One of three members of a pool that has a scan.</summary>
    private sealed class Member : IDisposable
    {
        private readonly AttackStage _stage;
        private readonly Attacker _attacker;
        private readonly Guid _pairingId;

        private Member(AttackStage stage, Attacker attacker, Guid pairingId, PeerChannel channel, ScanRecord scan)
        {
            (_stage, _attacker, _pairingId) = (stage, attacker, pairingId);
            (Channel, Scan) = (channel, scan);
        }

        public PeerChannel Channel { get; }

        public ScanRecord Scan { get; }

        public static async Task<Member> JoinAsync(AttackStage stage, Func<ushort, byte[]> answer, TimeSpan? lease = null)
        {
            EngineAdmin admin = stage.NewEngine();
            Guid pairingId = (await stage.PairReverseAsync(admin, Name)).PairingId;
            Attacker attacker = Attacker.Of(NodeRole.Engine, admin.Folder.Engine);
            PeerChannel channel = await attacker.DialAsync(
                stage.ConsoleNode.EndPoint, stage.ConsoleNode.Fingerprint, new Answering(answer));
            var pool = new EnginePool
            {
                PoolId = Guid.NewGuid(),
                Name = "dmz",
                AwayAfter = lease ?? Lease,
                Created = DateTimeOffset.UtcNow,
            };
            stage.Console.Store.AddPool(pool, [pairingId, stage.StandardId, stage.ReverseId]);
            ScanRecord scan = stage.Console.Scans.AddToPool(pool, stage.Request() with
            {
                Targets = [$"{stage.At(Targets)}/28"],
                Ports = $"1-{Ports}",
                MaxRate = 30,
            });
            return new Member(stage, attacker, pairingId, channel, scan);
        }

        public IReadOnlyList<ScanPart> Parts() => _stage.Console.Store.GetPoolView(Scan.ScanId)!.Parts;

        /// <summary>A part that it was given and has said to have taken on.</summary>
        public async Task<ScanRecord> PartAsync()
        {
            ScanPart? part = null;
            await AttackStage.UntilAsync(
                () => (part = Parts().FirstOrDefault(
                    one => one.PairingId == _pairingId && one.State == ScanState.Dispatched)) is not null,
                "given no part");
            return _stage.Console.Store.GetScan(part!.ScanId)!;
        }

        /// <summary>Parts that the other two have now.</summary>
        public async Task<IReadOnlyList<ScanPart>> OthersPartsAsync()
        {
            ScanPart[] parts = [];
            await AttackStage.UntilAsync(
                () => (parts = [.. Parts().Where(one => one.PairingId != _pairingId && one.IsOpen)]).Length > 0,
                "no other is given a part");
            return parts;
        }

        /// <summary>The others have found every unit once.</summary>
        public async Task<string> CompletedAsync()
        {
            ScanRecord done = await _stage.Console.Scans.WaitAsync(
                Scan.ScanId, AttackStage.Patience, null, CancellationToken.None);
            Attacker.Expect((ScanState.Completed, (long)Targets * Ports), (done.State, done.FindingCount));
            IReadOnlyDictionary<long, string> engines = _stage.Console.Store.ListPartEngines(Scan.ScanId);
            Finding[] found = [.. _stage.Console.Store.ReadFindings(Scan.ScanId)];
            Attacker.Expect(Targets * Ports, found.Select(finding => finding.Unit).Distinct().Count());
            return found.All(finding => engines[finding.Part!.Value] != Name)
                ? "the others found every unit once"
                : throw new AttackException("A finding of the hostile member was stored.");
        }

        public void Dispose() => _attacker.Dispose();
    }

    private sealed class Answering(Func<ushort, byte[]> answer) : IPeerHandler
    {
        public ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
            PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
            new(answer(method));

        public async Task OnStreamAsync(
            PeerChannel channel, ChannelStream stream, CancellationToken cancellationToken) =>
            await Task.Delay(Timeout.Infinite, cancellationToken);
    }
}
