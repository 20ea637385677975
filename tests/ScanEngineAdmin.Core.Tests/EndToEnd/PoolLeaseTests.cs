using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>An engine of a pool that takes nothing on, or comes back after its part was taken from it.</summary>
[Trait("Speed", "Slow")]
public sealed class PoolLeaseTests
{
    // Long enough for a busy machine to ask twice meanwhile.
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    private readonly ScanRequest _request = new()
    {
        Targets = ["127.77.0.0/29"],
        Ports = "2000-2004",
        Timeout = TimeSpan.FromSeconds(30),
    };

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_part_that_its_engine_cannot_take_on_goes_to_another_though_it_is_asked_again_and_again(
        CommunicationDirection way)
    {
        await using NodePair pair = await PairAsync(way, Lease);
        await using PoolMemberNode second = await PoolMemberNode.StartAsync(pair, "lab-2", Ways.Other(way));
        await second.StopAsync();
        await pair.StopEngineAsync();
        await using PlayedEngine full = await PlayAsync(pair, way);
        ScanRecord scan = Start(pair, second.PairingId);
        ScanPart part = await GivenAsync(pair, scan);

        await second.StartAsync();

        ScanRecord done = await pair.EndAsync(scan.ScanId);
        Assert.Equal((ScanState.Completed, ScanCause.None), (done.State, done.Cause));
        Assert.True(full.Started.Count(started => started == part.ScanId) > 1);
        Assert.Equal(
            (ScanState.Stopped, ScanCause.LinkLost),
            (Parts(pair, scan).Single(one => one.ScanId == part.ScanId) is var ended ? (ended.State, ended.Cause) : default));
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task What_is_taken_back_while_its_engine_is_dialled_is_not_listed_there(CommunicationDirection way)
    {
        await using NodePair pair = await PairAsync(way, TimeSpan.FromMinutes(5));
        await pair.StopEngineAsync();
        await using PlayedEngine engine = await PlayAsync(pair, way);
        engine.IsFull = false;
        ScanRecord scan = Start(pair);
        ScanPart part = await GivenAsync(pair, scan);
        await pair.UntilScanAsync(part.ScanId, now => now.State == ScanState.Running);
        engine.AskedForTime = () => pair.Console.Store.UpdateScan(
            part.ScanId, now => now with { State = ScanState.Stopped, Finished = now.Queued });

        await engine.ReconnectAsync(way);

        Assert.DoesNotContain(part.ScanId, engine.Listed);
    }

    /// <summary>A version before counted a lease from when it read the order, which may lie unread for long.</summary>
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task An_engine_that_does_not_know_leases_by_its_own_clock_is_given_no_part(CommunicationDirection way)
    {
        await using NodePair pair = await PairAsync(way, Lease);
        await using PoolMemberNode second = await PoolMemberNode.StartAsync(pair, "lab-2", Ways.Other(way));
        await second.StopAsync();
        await pair.StopEngineAsync();
        await using PlayedEngine older = await PlayedEngine.StartAsync(
            pair,
            way,
            terms: true,
            (_, plan) => [PlayedEngine.Batch(plan, 1, 0, plan.Units) with { Final = ScanState.Completed }],
            countsFromTheOrder: true);
        int asked = 0;
        older.AskedForTime = () => asked++;
        await older.OpenedAsync();
        ScanRecord scan = Start(pair, second.PairingId);

        // What is the engine's alone goes on as before.
        ScanRecord own = pair.Console.Scans.Add(
            pair.PairingId, new ScanRequest { Targets = ["127.0.0.1"], Ports = "1-9" });
        Assert.Equal(ScanState.Completed, (await pair.EndAsync(own.ScanId)).State);
        await second.StartAsync();

        Assert.Equal(ScanState.Completed, (await pair.EndAsync(scan.ScanId)).State);
        Assert.All(Parts(pair, scan), part => Assert.Equal(second.PairingId, part.PairingId));
        Assert.Equal([own.ScanId], older.Started);
        Assert.Equal(0, asked);
    }

    private static Task<NodePair> PairAsync(CommunicationDirection way, TimeSpan lease) => NodePair.ActiveAsync(
        way, console => console with { LeaseMargin = lease / 10, StoreCheck = TimeSpan.FromMilliseconds(50) });

    private static async Task<PlayedEngine> PlayAsync(NodePair pair, CommunicationDirection way)
    {
        PlayedEngine engine = await PlayedEngine.StartAsync(
            pair, way, terms: true, (_, plan) => [PlayedEngine.Batch(plan, 1, 0, 1)]);
        engine.IsFull = true;
        await engine.OpenedAsync();
        return engine;
    }

    private ScanRecord Start(NodePair pair, params Guid[] others)
    {
        var pool = new EnginePool
        {
            PoolId = Guid.NewGuid(),
            Name = "dmz",
            AwayAfter = others.Length > 0 ? Lease : TimeSpan.FromMinutes(5),
            Created = DateTimeOffset.UtcNow,
        };
        pair.Console.Store.AddPool(pool, [pair.PairingId, .. others]);
        return pair.Console.Scans.AddToPool(pool, _request);
    }

    private static IReadOnlyList<ScanPart> Parts(NodePair pair, ScanRecord scan) =>
        pair.Console.Store.GetPoolView(scan.ScanId)!.Parts;

    private static async Task<ScanPart> GivenAsync(NodePair pair, ScanRecord scan) => (await pair.UntilConsoleStoreAsync(
        () => Parts(pair, scan), parts => parts.Any(part => part.PairingId == pair.PairingId)))
        .First(part => part.PairingId == pair.PairingId);
}
