using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Schedules;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Storage.Tests;

/// <summary>Schedules in the console's store.</summary>
public sealed class ScheduleStoreTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly EngineRecord _engine = Make.Engine();
    private readonly IConsoleStore _store;

    public ScheduleStoreTests()
    {
        _store = _folder.Console();
        _store.AddEngine(_engine);
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_schedule_comes_back_as_it_was_written()
    {
        ScheduleRecord whole = Schedule("nightly") with
        {
            StartDate = new DateOnly(2030, 1, 2),
            EndDate = new DateOnly(2031, 12, 31),
            MaxDuration = TimeSpan.FromHours(4),
            BlackOut = ["Mon-Fri 08:00-18:00"],
            Missed = MissedRunRule.Once,
            Overlap = OverlapRule.Queue,
            Enabled = false,
            TargetsTotal = 4,
            Priority = ScanPriority.Low,
            MaxAttempts = 9,
            Next = Make.Now,
            Waiting = Make.Now.AddHours(-1),
            LastDue = Make.Now.AddHours(-2),
            LastScanId = Guid.NewGuid(),
            ComparedScanId = Guid.NewGuid(),
            Runs = 5,
            Skipped = 6,
            Detail = "late",
        };
        _store.AddSchedule(whole);
        _store.AddSchedule(Schedule("bare"));

        Assert.Equivalent(whole, _store.FindSchedule("NIGHTLY"), strict: true);
        Assert.Equal(["bare", "nightly"], _store.ListSchedules().Select(schedule => schedule.Name));
        Assert.Equivalent(whole with { Request = null! }, _store.ListScheduleTerms()[1], strict: true);
        Assert.Equivalent(Schedule("bare"), _store.ListSchedules()[0], strict: true);
    }

    [Fact]
    public void A_name_is_one_schedules_and_an_engine_has_to_be_there()
    {
        _store.AddSchedule(Schedule("nightly"));

        Assert.Equal(FaultCode.ScheduleNameInUse, Fault(() => _store.AddSchedule(Schedule("Nightly"))));
        Assert.Equal(
            FaultCode.EngineNotFound,
            Fault(() => _store.AddSchedule(Schedule("other") with { PairingId = Guid.NewGuid() })));
        Assert.Single(_store.ListSchedules());
    }

    [Fact]
    public void A_run_the_next_time_and_the_notes_are_written_together_or_not_at_all()
    {
        _store.AddSchedule(Schedule("nightly") with { Next = Make.Now });
        ScanRecord scan = Make.Scan(_engine.PairingId, ScanState.Queued) with { Schedule = "nightly" };

        Assert.Throws<TimeoutException>(() => _store.StepSchedule("nightly", (_, _, _) => throw new TimeoutException()));

        // The scan is there already: what was written before it in the transaction is undone.
        _store.AddScan(scan);
        Assert.ThrowsAny<Exception>(() => _store.StepSchedule("nightly", (read, _, _) => Step(read, scan)));
        Assert.Equal((Make.Now, 0L), (_store.FindSchedule("nightly")!.Next, _store.FindSchedule("nightly")!.Runs));
        Assert.Empty(_store.ListEvents(10));

        _store.StepSchedule("nightly", (read, owner, running) =>
        {
            Assert.Equal((_engine.Name, true), (owner, running));
            return Step(read, scan with { ScanId = Guid.NewGuid() });
        });
        Assert.Equal(1, _store.FindSchedule("nightly")!.Runs);
        Assert.Equal(2, _store.ListScans().Count(one => one.Schedule == "nightly"));
        Assert.Single(_store.ListEvents(10));
        Assert.Null(_store.StepSchedule("gone", (read, _, _) => Step(read, scan)));
    }

    [Fact]
    public void A_schedule_of_a_pool_is_stepped_by_the_pools_name_and_goes_with_the_pool()
    {
        var pool = new EnginePool { PoolId = Guid.NewGuid(), Name = "dmz", Created = Make.Now };
        ScheduleRecord schedule = Schedule("shared") with
        {
            PairingId = pool.PoolId,
            IsPool = true,
            OnLimit = LimitRule.Suspend,
        };
        Assert.Equal(FaultCode.PoolNotFound, Fault(() => _store.AddSchedule(schedule)));
        _store.AddPool(pool, [_engine.PairingId]);
        _store.AddSchedule(schedule);
        _store.AddSchedule(Schedule("own"));
        Assert.Equivalent(schedule, _store.FindSchedule("shared"), strict: true);

        string? stepped = null;
        _store.StepSchedule("shared", (read, owner, _) =>
        {
            stepped = owner;
            return new ScheduleStep(read, null, []);
        });
        Assert.Equal("dmz", stepped);

        Assert.True(_store.RemovePool(pool.PoolId));
        Assert.Equal(["own"], _store.ListSchedules().Select(one => one.Name));
        Assert.True(_store.RemoveEngine(_engine.PairingId));
        Assert.Empty(_store.ListSchedules());
    }

    [Theory, InlineData(ScanState.Suspended, false), InlineData(ScanState.Queued, true)]
    public void A_run_that_is_suspended_hinders_none(ScanState state, bool hinders)
    {
        _store.AddSchedule(Schedule("nightly"));
        _store.AddScan(Make.Scan(_engine.PairingId, state) with { Schedule = "nightly" });

        bool? found = null;
        _store.StepSchedule("nightly", (read, _, running) =>
        {
            found = running;
            return new ScheduleStep(read, null, []);
        });

        Assert.Equal(hinders, found);
    }

    [Fact]
    public void Runs_are_listed_newest_first_where_they_have_something_to_compare()
    {
        _store.AddSchedule(Schedule("nightly"));
        ScanRecord[] scans =
        [
            .. new[] { ScanState.Completed, ScanState.Failed, ScanState.Stopped, ScanState.Running }.Select(state =>
                Make.Scan(_engine.PairingId, state) with { Schedule = "nightly" }),
        ];
        Array.ForEach(scans, scan => _store.AddScan(scan));
        _store.AddScan(Make.Scan(_engine.PairingId, ScanState.Completed));

        Assert.Equal(
            [scans[2].ScanId, scans[0].ScanId],
            _store.ListScheduleRuns("NIGHTLY", 5).Select(scan => scan.ScanId));
        Assert.Single(_store.ListScheduleRuns("nightly", 1));
        Assert.Empty(_store.ListScheduleRuns("gone", 1));
    }

    [Fact]
    public void Schedules_go_with_their_engine_and_runs_stay_without_their_schedule()
    {
        _store.AddSchedule(Schedule("nightly"));
        _store.AddSchedule(Schedule("weekly"));
        _store.AddScan(Make.Scan(_engine.PairingId) with { Schedule = "nightly" });

        Assert.True(_store.RemoveSchedule("NIGHTLY", _ => Event("ScheduleRemoved")));
        Assert.False(_store.RemoveSchedule("nightly", _ => Event("ScheduleRemoved")));
        Assert.Single(_store.ListEvents(10));
        Assert.Equal("nightly", Assert.Single(_store.ListScans()).Schedule);

        _store.RemoveEngine(_engine.PairingId);
        Assert.Empty(_store.ListSchedules());
    }

    private ScheduleRecord Schedule(string name) => new()
    {
        Name = name,
        PairingId = _engine.PairingId,
        Cron = ["0 2 * * *", "30 14 * * *"],
        TimeZone = "Europe/Berlin",
        Request = Make.Request(),
        Created = Make.Now,
    };

    private static ScheduleStep Step(ScheduleRecord read, ScanRecord scan) =>
        new(read with { Next = Make.Now.AddDays(1), Runs = read.Runs + 1 }, scan, [Event("ScheduleRun")]);

    private static AuditEvent Event(string name) =>
        new() { Time = Make.Now, Class = AuditClass.Schedule, Event = name };

    private static FaultCode Fault(Action action) => Assert.Throws<ScanEngineException>(action).Code;
}
