using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Tests.Nodes;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Scans;

/// <summary>Two attempts of one scan at the engine, of which one comes while the other goes.</summary>
public sealed class EngineScansTests : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);
    private readonly TemporaryFolder _folder = new();
    private readonly IEngineStore _store;
    private readonly EngineScans _scans;
    private readonly Guid _pairing = Guid.NewGuid();
    private readonly Guid _scan = Guid.NewGuid();
    private Action<string, object?[]> _before = (_, _) => { };

    public EngineScansTests()
    {
        _store = new SqliteStoreProvider().OpenEngine(_folder.Path);
        _store.AddConsole(new ConsoleRecord
        {
            PairingId = _pairing,
            State = ConsoleState.Paired,
            Direction = CommunicationDirection.ConsoleToEngine,
            FirstSeen = DateTimeOffset.UtcNow,
        });
        _scans = new EngineScans(
            WatchedStore<IEngineStore>.Wrap(_store, (member, given) => _before(member, given)),
            new EngineNodeOptions { MaxRetry = TimeSpan.FromMilliseconds(50) },
            new BoundedLog(_ => { }, TimeProvider.System));
    }

    public async ValueTask DisposeAsync()
    {
        await _scans.DisposeAsync();
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_new_attempt_that_begins_while_the_old_one_is_dropped_stays()
    {
        await _scans.StartAsync(_pairing, Start(attempt: 1, from: 0));
        Task begun = Task.CompletedTask;
        Once(nameof(IEngineStore.RemoveScan), () => begun = _scans.StartAsync(_pairing, Start(attempt: 2, from: 0)));

        await _scans.DropAsync(_pairing, _scan, attempt: 1);
        await begun.WaitAsync(Bound);

        Assert.Equal(2, _store.GetScan(_pairing, _scan)?.Attempt);
        Assert.Equal(1, _scans.Runs.Count(_pairing));
    }

    /// <summary>
    /// The console's store was put back: it knows attempt 1 and less findings than attempt 2 began behind. What it
    /// begins next is attempt 2 as well, and must not be taken for the one that is here.
    /// </summary>
    [Fact]
    public async Task An_attempt_that_a_restored_console_does_not_know_is_not_taken_for_its_next_one()
    {
        await _scans.StartAsync(_pairing, Start(attempt: 2, from: 90));
        Assert.Equal(90, _store.GetScan(_pairing, _scan)!.Cursor);

        IReadOnlyList<Guid> missing = await _scans.SyncAsync(
            _pairing,
            new ScanSync { Scans = [new ScanSyncItem { ScanId = _scan, Attempt = 1, LastBatch = 3 }] },
            isOvertaken: () => false);
        Assert.Equal([_scan], missing);
        await _scans.StartAsync(_pairing, Start(attempt: 2, from: 30));

        Assert.Equal(30, _store.GetScan(_pairing, _scan)!.Cursor);
    }

    /// <summary>A reconciliation that took long begins again what is left here, at the wrong moment.</summary>
    [Fact]
    public async Task An_attempt_runs_although_the_one_before_was_begun_again_while_it_was_taken_on()
    {
        await _scans.StartAsync(_pairing, Start(attempt: 1, from: 0));
        Task spooled = Called(nameof(IEngineStore.AppendBatch), given => given[2] is 2);
        Once(nameof(IEngineStore.AcceptScan), () => _scans.Resume(_pairing));

        await _scans.StartAsync(_pairing, Start(attempt: 2, from: 0));

        await spooled.WaitAsync(Bound);
    }

    [Fact]
    public async Task What_was_interrupted_does_not_go_on_for_a_console_that_was_denied_meanwhile()
    {
        var looked = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool denied = false;
        _before = (member, _) =>
        {
            if (!denied && member == nameof(IEngineStore.AppendBatch))
            {
                denied = true;
                _store.UpdateConsole(_pairing, console => console with { State = ConsoleState.Denied });
                throw new ScanEngineException(FaultCode.StoreLocked, "The store is locked.", "Wait.");
            }

            if (denied && member is nameof(IEngineStore.AppendBatch) or nameof(IEngineStore.GetConsole))
            {
                looked.TrySetResult(member);
            }
        };

        await _scans.StartAsync(_pairing, Start(attempt: 1, from: 0));

        Assert.Equal(nameof(IEngineStore.GetConsole), await looked.Task.WaitAsync(Bound));
    }

    [Fact]
    public async Task What_comes_after_the_end_is_cancelled_and_throws_nothing_that_nobody_expects()
    {
        var scans = new EngineScans(_store, new EngineNodeOptions(), new BoundedLog(_ => { }, TimeProvider.System));
        await scans.DisposeAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scans.DropAsync(_pairing, _scan, attempt: 1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => scans.StartAsync(_pairing, Start(attempt: 1, from: 0)));
    }

    private void Once(string member, Action action)
    {
        int left = 1;
        Action<string, object?[]> others = _before;
        _before = (name, given) =>
        {
            others(name, given);
            if (name == member && Interlocked.Exchange(ref left, 0) == 1)
            {
                action();
            }
        };
    }

    private Task Called(string member, Predicate<object?[]> given)
    {
        var called = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Action<string, object?[]> others = _before;
        _before = (name, values) =>
        {
            others(name, values);
            if (name == member && given(values))
            {
                called.TrySetResult();
            }
        };
        return called.Task;
    }

    /// <summary>At one port in a second and a hundred of them it lasts as long as the test.</summary>
    private ScanStart Start(int attempt, long from) => new()
    {
        ScanId = _scan,
        Attempt = attempt,
        Targets = ["127.0.0.1"],
        Ports = "2001-2100",
        TimeoutMs = 1000,
        Parallelism = 1,
        MaxRate = 1,
        BannerTimeoutMs = 300,
        FromUnit = from,
    };
}
