using System.Collections.Concurrent;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Tests.Nodes;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Scans;

/// <summary>
/// What the links of a pool's engines ask of the store to learn whether there is a part for them: nothing. One loop reads
/// each scan once a turn, however many engines and parts there are.
/// </summary>
public sealed class PoolReadsTests : IDisposable
{
    private const int Scans = 3;

    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new();
    private readonly ConcurrentQueue<string> _calls = new();
    private readonly ConcurrentQueue<Guid> _woken = new();
    private readonly IConsoleStore _store;
    private readonly ConsoleContext _node;
    private readonly PoolScans _pools;
    private Action<string, object?[]> _before = (_, _) => { };

    public PoolReadsTests()
    {
        _store = new SqliteStoreProvider().OpenConsole(_folder.Path);
        _node = new ConsoleContext(
            _folder.Path,
            WatchedStore<IConsoleStore>.Wrap(_store, (member, given) =>
            {
                _calls.Enqueue(member);
                _before(member, given);
            }),
            new ConsoleNodeOptions { Channel = ChannelOptions.Default with { Time = _time } },
            new BoundedLog(_ => { }, _time));
        _node.Pools = _pools = new PoolScans(_node, _ => true, _woken.Enqueue);
    }

    public void Dispose()
    {
        _node.Dispose();
        _store.Dispose();
        _folder.Dispose();
    }

    [Theory, InlineData(1, 1), InlineData(20, 1), InlineData(20, 40)]
    public void What_is_read_grows_neither_with_the_engines_nor_with_the_parts(int engines, int ended)
    {
        EngineRecord[] members = [.. Enumerable.Range(0, engines).Select(Member)];
        var pool = new EnginePool { PoolId = Guid.NewGuid(), Name = "dmz", Created = _time.GetUtcNow() };
        _store.AddPool(pool, [.. members.Select(member => member.PairingId)]);
        ScanRecord[] scans = [.. Enumerable.Range(0, Scans).Select(_ => Added(pool))];
        foreach (ScanRecord scan in scans)
        {
            for (int i = 0; i < ended; i++)
            {
                Part(scan, members[0], i, ScanState.Completed);
            }

            for (int i = 0; i < engines; i++)
            {
                Part(scan, members[i], ended + i, ScanState.Running);
            }
        }

        _calls.Clear();
        _pools.Turn();
        Assert.Equal(1 + Scans, _calls.Count);
        Assert.Empty(_woken);

        _calls.Clear();
        foreach (EngineRecord member in members)
        {
            Assert.True(_pools.HasWork(member.PairingId));
            Assert.Empty(_pools.Give(
                member, new LinkChannel(null!, new HelloFacts()), new LinkScans(_node, member.PairingId), []));
        }

        Assert.Empty(_calls);
    }

    [Fact]
    public void Who_may_be_given_a_part_is_woken_and_is_given_one_and_nobody_else_is()
    {
        EngineRecord[] members = [Member(0), Member(1)];
        var pool = new EnginePool { PoolId = Guid.NewGuid(), Name = "dmz", Created = _time.GetUtcNow() };
        _store.AddPool(pool, [.. members.Select(member => member.PairingId)]);
        ScanRecord scan = Added(pool);
        Part(scan, members[0], 0, ScanState.Running);

        _pools.Turn();

        Assert.Equal([members[1].PairingId], _woken);
        ScanRecord given = Assert.Single(_pools.Give(
            members[1], new LinkChannel(null!, new HelloFacts()), new LinkScans(_node, members[1].PairingId), []));
        Assert.Equal((scan.ScanId, 2L), (given.ParentId!.Value, given.FirstUnit));

        _woken.Clear();
        _node.IsBlackedOut = true;
        _store.UpdateScan(given.ScanId, part => part with { State = ScanState.Completed, Finished = part.Queued });
        _pools.Turn();
        Assert.Empty(_woken);
        Assert.False(_pools.HasWork(members[1].PairingId));
    }

    /// <summary>A link gives a part of a scan that was read a moment before.</summary>
    [Fact]
    public void A_lease_that_begins_while_scans_are_read_is_counted_from_its_beginning_and_forgotten_at_its_end()
    {
        TimeSpan minute = TimeSpan.FromMinutes(1);
        EngineRecord member = Member(0);
        var pool = new EnginePool { PoolId = Guid.NewGuid(), Name = "dmz", Created = _time.GetUtcNow() };
        _store.AddPool(pool, [member.PairingId]);
        Dictionary<Guid, ScanRecord> scans = Enumerable.Range(0, 2).Select(_ => Added(pool))
            .ToDictionary(scan => scan.ScanId);
        Guid? read = null;
        Guid part = default;
        _before = (call, given) =>
        {
            if (call != nameof(IConsoleStore.GetPoolView) || part != default)
            {
                return;
            }

            Guid now = (Guid)given[0]!;
            if (read is not { } first || first == now)
            {
                read = now;
                return;
            }

            _time.Advance(minute);
            Part(scans[first], member, 0, ScanState.Running);
            part = Assert.Single(_store.GetPoolView(first)!.Parts).ScanId;
            Assert.Equal(TimeSpan.Zero, _pools.Leases.Elapsed(part));
            _time.Advance(minute);
        };

        _pools.Turn();
        Assert.Equal(minute, _pools.Leases.Elapsed(part));
        _pools.Turn();
        Assert.Equal(minute, _pools.Leases.Elapsed(part));

        _store.UpdateScan(part, now => now with { State = ScanState.Completed, Finished = now.Queued });
        _time.Advance(minute);
        _pools.Turn();
        Assert.Equal(TimeSpan.Zero, _pools.Leases.Elapsed(part));
    }

    private EngineRecord Member(int number)
    {
        var engine = new EngineRecord
        {
            PairingId = Guid.NewGuid(),
            EngineId = Guid.NewGuid(),
            Name = $"lab-{number}",
            Direction = CommunicationDirection.EngineToConsole,
            State = EngineState.Paired,
            Status = CommunicationStatus.Active,
            Registered = _time.GetUtcNow(),
        };
        _store.AddEngine(engine);
        return engine;
    }

    private ScanRecord Added(EnginePool pool)
    {
        var scan = new ScanRecord
        {
            ScanId = Guid.NewGuid(),
            PairingId = pool.PoolId,
            EngineName = pool.Name,
            IsPool = true,
            Request = new ScanRequest { Targets = ["10.0.0.0/24"], Ports = "80-81" },
            State = ScanState.Running,
            Started = _time.GetUtcNow(),
            Attempt = 1,
            Queued = _time.GetUtcNow(),
            MaxAttempts = 3,
            TargetsTotal = 256,
        };
        _store.AddScan(scan);
        return scan;
    }

    private void Part(ScanRecord scan, EngineRecord engine, int target, ScanState state) =>
        _store.UpdatePoolScan(scan.ScanId, view => new PoolStep(view.Scan)
        {
            Given = scan with
            {
                ScanId = Guid.NewGuid(),
                ParentId = scan.ScanId,
                PairingId = engine.PairingId,
                EngineName = engine.Name,
                IsPool = false,
                State = state,
                Round = 1,
                FirstUnit = target * 2,
                PartUnits = 2,
                Cursor = state == ScanState.Completed ? 2 : 0,
                Finished = state == ScanState.Completed ? scan.Queued : null,
                Lease = TimeSpan.FromMinutes(15),
            },
        });
}
