using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Tests.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Scanning;
using ScanEngineAdmin.Scanning.Targets;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Scans;

/// <summary>
/// What is lent to an engine is over there when the console has said, whatever stood still meanwhile: the process, its
/// host, or a message that nobody read.
/// </summary>
public sealed class ScanLeaseTests : IAsyncDisposable
{
    // Shorter than the one attempt of these scans takes.
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private readonly EngineStoreHost _engine = new();
    private readonly ManualTime _time = new();
    private readonly LoopbackHost _host = new();
    private readonly IEngineStore _store;
    private readonly Guid _pairing;
    private readonly Guid _scan = Guid.NewGuid();
    private readonly TaskCompletionSource<ScanBatch> _last = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private EngineScans _scans;

    public ScanLeaseTests()
    {
        _store = _engine.Store;
        _pairing = _engine.Pair();
        _scans = Process();
    }

    public async ValueTask DisposeAsync()
    {
        await _scans.DisposeAsync();
        _engine.Dispose();
        _host.Dispose();
    }

    [Fact]
    public async Task Nothing_is_asked_for_an_order_that_lay_unread_until_its_lease_was_over()
    {
        ScanStart start = Lent();
        _time.Advance(2 * Lease);

        await _scans.StartAsync(_pairing, start);

        await EndedWithoutAnAttemptAsync();
    }

    [Fact]
    public async Task A_restarted_engine_asks_nothing_for_a_list_that_lay_unread_until_the_lease_was_over()
    {
        await RestartedAsync();
        ScanSync sync = Listed();
        _time.Advance(2 * Lease);

        await _scans.SyncAsync(_pairing, sync, isOvertaken: () => false);

        await EndedWithoutAnAttemptAsync();
    }

    [Fact]
    public async Task A_restarted_engine_whose_hosts_clock_was_set_back_has_no_more_time_than_the_console_lists()
    {
        await RestartedAsync();
        _time.Jump(-10 * Lease);

        await _scans.SyncAsync(_pairing, Listed(), isOvertaken: () => false);
        _time.Pass(Lease);

        await EndedWithoutAnAttemptAsync();
    }

    [Fact]
    public void A_lease_is_counted_by_the_clock_that_went_further()
    {
        var clock = new LeaseClock(_time);
        _time.Advance(Lease);
        Assert.Equal(Lease, clock.Now);

        // The host slept: its steady clock stood still.
        _time.Jump(Lease);
        Assert.Equal(2 * Lease, clock.Now);

        _time.Jump(-10 * Lease);
        Assert.Equal(2 * Lease, clock.Now);
        _time.Advance(Lease);
        Assert.Equal(3 * Lease, clock.Now);
    }

    [Fact]
    public void An_order_that_comes_again_prolongs_nothing()
    {
        var leases = new ScanLeases(_time);
        leases.Lend(_pairing, _scan, 1, Lease);
        leases.Lend(_pairing, _scan, 1, 2 * Lease);
        Assert.Equal(Lease, leases.Until(_pairing, _scan, 1));

        leases.Lend(_pairing, _scan, 2, 3 * Lease);
        Assert.Equal(3 * Lease, leases.Until(_pairing, _scan, 2));
        Assert.Null(leases.Until(_pairing, _scan, 1));

        leases.Forget(_pairing, _scan, 2);
        Assert.Null(leases.Until(_pairing, _scan, 2));
    }

    [Fact]
    public async Task No_attempt_is_made_when_the_time_is_over_though_no_timer_has_run()
    {
        int asked = 0;
        var scan = new ScanSession { IsOver = () => ++asked > 3 };

        await scan.RunAsync(new ScanRequest { Targets = ["127.0.0.1"], Ports = "1-50", Parallelism = 1 });

        Assert.Equal((3, ScanState.Stopped), (scan.Findings.Count(), scan.Last.Final));
    }

    /// <summary>What is left is asked for once: no timer can be set to a time that has passed meanwhile.</summary>
    [Fact]
    public async Task A_lease_that_ends_while_its_run_begins_ends_the_run()
    {
        await RestartedAsync();
        int asked = 0;
        var options = new EngineNodeOptions();
        var log = new BoundedLog(_ => { }, TimeProvider.System);
        await using var run = new ScanJob(
            Watched(),
            new SpoolRoom(_store, options, log),
            _store.GetScan(_pairing, _scan)! with { Deadline = null },
            () => asked++ == 0 ? Lease : -Lease,
            new ScannerSet(new TargetPolicy(), TimeProvider.System, options.FindNmap),
            () => { },
            log,
            TimeProvider.System);

        await EndedWithoutAnAttemptAsync();
    }

    [Fact]
    public async Task Leases_of_a_console_that_is_expelled_are_forgotten_and_no_other_consoles()
    {
        var other = Guid.NewGuid();
        Guid[] scans = [_scan, Guid.NewGuid()];
        foreach (Guid scan in scans)
        {
            _scans.Runs.Leases.Lend(_pairing, scan, 1, Lease);
            _scans.Runs.Leases.Lend(other, scan, 1, Lease);
        }

        await _scans.Runs.EndAllAsync(_pairing);

        Assert.All(scans, scan => Assert.Null(_scans.Runs.Leases.Until(_pairing, scan, 1)));
        Assert.All(scans, scan => Assert.Equal(Lease, _scans.Runs.Leases.Until(other, scan, 1)));
    }

    [Theory, InlineData(-1), InlineData(long.MaxValue)]
    public async Task A_lease_beyond_any_bound_is_refused(long until)
    {
        PeerRequestException refused = await Assert.ThrowsAsync<PeerRequestException>(
            () => _scans.StartAsync(_pairing, Lent() with { LeaseUntilMs = until }));
        Assert.Equal((int)RequestCode.Malformed, refused.Code);
    }

    /// <summary>It was taken on, and its process ended before it had asked anything.</summary>
    private async Task RestartedAsync()
    {
        await _scans.DisposeAsync();
        ScanStart start = Lent();
        _store.AcceptScan(new EngineScanRecord
        {
            PairingId = _pairing,
            ScanId = _scan,
            Attempt = 1,
            Request = start.ToRequest(),
            State = ScanState.Running,
            Accepted = _time.GetUtcNow(),
            Deadline = _time.GetUtcNow() + Lease,
            Leased = true,
        });
        _scans = Process();
        _scans.Resume();
        Assert.Equal(0, _scans.Runs.Count(_pairing));
    }

    private IEngineStore Watched() => WatchedStore<IEngineStore>.Wrap(_store, (member, given) =>
    {
        if (member == nameof(IEngineStore.AppendBatch) && given[3] is ScanBatch { Final: not null } last)
        {
            _last.TrySetResult(last);
        }
    });

    private EngineScans Process() => new(
        Watched(),
        new EngineNodeOptions { Channel = ChannelOptions.Default with { Time = _time } },
        new BoundedLog(_ => { }, _time));

    private async Task EndedWithoutAnAttemptAsync()
    {
        ScanBatch last = await _last.Task.WaitAsync(ScanSession.Bound);
        Assert.Equal(
            (ScanState.Failed, "DeadlinePassed", 0, 0),
            (last.Final, last.Detail.Split(':')[0], last.Findings.Count, last.Cursor));
    }

    private long UntilMs => (long)(_scans.Runs.Leases.Now + Lease).TotalMilliseconds;

    private ScanSync Listed() => new()
    {
        Scans = [new ScanSyncItem { ScanId = _scan, Attempt = 1, LastBatch = 0, LeaseUntilMs = UntilMs }],
    };

    /// <summary>Of a port that never answers: the lease ends before the first attempt does.</summary>
    private ScanStart Lent() => new()
    {
        ScanId = _scan,
        Attempt = 1,
        Targets = ["127.0.0.1"],
        Ports = $"{_host.Unanswering()}",
        TimeoutMs = 60_000,
        Parallelism = 1,
        MaxRate = 0,
        BannerTimeoutMs = 300,
        TimeLeftMs = (long)Lease.TotalMilliseconds,
        LeaseUntilMs = UntilMs,
    };
}
