using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Tests.Nodes;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Tests.Scans;

/// <summary>Two attempts of one scan at the engine, of which one comes while the other goes.</summary>
public sealed class EngineScansTests : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);
    private readonly EngineStoreHost _host = new();
    private readonly IEngineStore _store;
    private readonly EngineScans _scans;
    private readonly Guid _pairing;
    private readonly Guid _scan = Guid.NewGuid();
    private Action<string, object?[]> _before = (_, _) => { };

    public EngineScansTests()
    {
        _store = _host.Store;
        _pairing = _host.Pair();
        _scans = new EngineScans(
            WatchedStore<IEngineStore>.Wrap(_store, (member, given) => _before(member, given)),
            new EngineNodeOptions { MaxRetry = TimeSpan.FromMilliseconds(50) },
            new BoundedLog(_ => { }, TimeProvider.System));
    }

    public async ValueTask DisposeAsync()
    {
        await _scans.DisposeAsync();
        _host.Dispose();
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

    [Fact]
    public async Task An_attempt_that_is_dropped_late_takes_no_later_one_along()
    {
        await _scans.StartAsync(_pairing, Start(attempt: 2, from: 0));

        await _scans.DropAsync(_pairing, _scan, attempt: 1);

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

    /// <summary>Another engine may have it by now: only the console knows.</summary>
    [Fact]
    public async Task A_leased_scan_goes_on_after_a_restart_only_when_the_console_lists_it()
    {
        Guid own = Guid.NewGuid();
        await using (EngineScans before = Restarted())
        {
            await before.StartAsync(
                _pairing, Start(attempt: 1, from: 0) with { LeaseUntilMs = 600_000, TimeLeftMs = 600_000 });
            await before.StartAsync(_pairing, Start(attempt: 1, from: 0) with { ScanId = own });
        }

        await using EngineScans next = Restarted();

        next.Resume();
        Assert.Equal(1, next.Runs.Count(_pairing));
        ScanSyncItem[] listed = [.. new[] { _scan, own }.Select(id => new ScanSyncItem
        {
            ScanId = id,
            Attempt = 1,
            LastBatch = 0,
            LeaseUntilMs = id == _scan ? 600_000 : null,
        })];
        Assert.Empty(await next.SyncAsync(_pairing, new ScanSync { Scans = listed }, isOvertaken: () => false));
        Assert.Equal(2, next.Runs.Count(_pairing));

        // One that it does not list is not begun, but dropped.
        await next.SyncAsync(_pairing, new ScanSync { Scans = [listed[1]] }, isOvertaken: () => false);
        Assert.Null(_store.GetScan(_pairing, _scan));
    }

    /// <summary>Else a process that is killed meanwhile would tell an open port without hearing it out.</summary>
    [Theory, InlineData(true), InlineData(null)]
    public async Task It_is_stored_whether_another_attempt_goes_on_where_one_is_stopped(bool? goesOn)
    {
        await _scans.StartAsync(_pairing, Start(attempt: 1, from: 0));

        _scans.Stop(_pairing, new ScanStop { ScanId = _scan, Attempt = 1, GoesOn = goesOn });

        EngineScanRecord stored = _store.GetScan(_pairing, _scan)!;
        Assert.Equal((true, goesOn == true), (stored.StopRequested, stored.GoesOn));
    }

    private EngineScans Restarted() =>
        new(_store, new EngineNodeOptions(), new BoundedLog(_ => { }, TimeProvider.System));

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

    private ScanStart Start(int attempt, long from) => EngineStoreHost.Lasting(_scan, attempt, from);
}
