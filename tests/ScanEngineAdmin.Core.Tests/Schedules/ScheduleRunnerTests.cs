using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Schedules;

namespace ScanEngineAdmin.Core.Tests.Schedules;

/// <summary>What a console does of its schedules. It is 03:04:05 UTC on Wednesday, 2030-01-02.</summary>
public sealed class ScheduleRunnerTests : IDisposable
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private readonly RunnerHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Each_time_becomes_one_run_with_a_note_and_the_links_are_woken()
    {
        _host.Add("*/10 * * * *", schedule => schedule with { Priority = ScanPriority.High, MaxAttempts = 7 });
        await _host.StartAsync();
        Assert.Empty(_host.Runs());

        await _host.PassAsync(TimeSpan.FromMinutes(6));

        ScanRecord run = Assert.Single(_host.Runs());
        Assert.Equal(("nightly", ScanState.Queued, "lab"), (run.Schedule, run.State, run.EngineName));
        Assert.Equal((ScanPriority.High, 7, 1L), (run.Priority, run.MaxAttempts, run.TargetsTotal));
        Assert.InRange(run.Queued, Make.At("2030-01-02T03:10"), Make.At("2030-01-02T03:10:30"));
        Assert.Equal(1, _host.LinksRung);
        Assert.Equal(
            (Make.At("2030-01-02T03:20"), run.ScanId, 1L),
            (_host.Schedule().Next, _host.Schedule().LastScanId, _host.Schedule().Runs));
        Assert.Equal(
            [$"nightly: {run.ScanId:D}, due 2030-01-02 03:10:00Z"], _host.Trail(Events.ScheduleRun));

        _host.Finish(run);
        await _host.PassAsync(TimeSpan.FromMinutes(10));
        Assert.Equal(2, _host.Runs().Length);
    }

    [Fact]
    public async Task A_console_that_dies_before_or_after_a_run_is_entered_neither_loses_nor_doubles_one()
    {
        _host.Add("10 3 * * *");
        await _host.StartAsync();
        _host.OnStore = (member, _) =>
        {
            if (member == "StepSchedule")
            {
                throw new ScanEngineException(FaultCode.StoreFull, "Full.", "Wait.");
            }
        };
        await Assert.ThrowsAsync<ScanEngineException>(() => _host.LeapAsync(TimeSpan.FromMinutes(6)));
        Assert.Empty(_host.Runs());
        _host.Stop();
        _host.OnStore = (_, _) => { };

        await _host.StartAsync();
        Assert.Single(_host.Runs());
        _host.Stop();

        await _host.StartAsync();
        await _host.PassAsync(TimeSpan.FromMinutes(5));
        Assert.Single(_host.Runs());
    }

    [Theory]
    [InlineData(MissedRunRule.Skip, 0)]
    [InlineData(MissedRunRule.Once, 1)]
    public async Task What_was_missed_while_no_console_ran_is_left_out_or_made_up_for_once(MissedRunRule rule, int runs)
    {
        _host.Add("0 4 * * *", schedule => schedule with { Missed = rule });
        _host.Time.Advance(TimeSpan.FromDays(3) + Hour);

        await _host.StartAsync();

        Assert.Equal(runs, _host.Runs().Length);
        Assert.StartsWith(
            "nightly: 4 runs were due from 2030-01-02 04:00:00Z on",
            Assert.Single(_host.Trail(Events.ScheduleRunSkipped)),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(OverlapRule.Skip)]
    [InlineData(OverlapRule.Queue)]
    public async Task A_run_that_is_due_before_the_one_before_is_over_is_left_out_or_waits(OverlapRule rule)
    {
        _host.Add("*/10 * * * *", schedule => schedule with { Overlap = rule });
        await _host.StartAsync();

        // At 03:10 the first one begins; 03:20 and 03:30 find it not finished.
        await _host.PassAsync(TimeSpan.FromMinutes(30));
        ScanRecord first = Assert.Single(_host.Runs());

        _host.Finish(first, ScanState.Failed);
        await _host.LookAsync();
        Assert.Equal(rule == OverlapRule.Queue ? 2 : 1, _host.Runs().Length);
        Assert.Equal(rule == OverlapRule.Queue ? 1 : 2, _host.Schedule().Skipped);
        Assert.Null(_host.Schedule().Waiting);
    }

    [Fact]
    public async Task A_run_that_is_suspended_hinders_no_later_one()
    {
        _host.Add("*/10 * * * *");
        await _host.StartAsync();
        await _host.PassAsync(TimeSpan.FromMinutes(10));
        _host.Admin.Scans.Suspend(Assert.Single(_host.Runs()).ScanId);

        await _host.PassAsync(TimeSpan.FromMinutes(10));

        Assert.Equal([ScanState.Suspended, ScanState.Queued], _host.Runs().Select(run => run.State));
        Assert.Equal(0, _host.Schedule().Skipped);
    }

    [Fact]
    public async Task A_schedule_of_a_pool_begins_scans_that_its_engines_share()
    {
        EnginePool pool = _host.Admin.Pools.Add("dmz", [_host.Engine.PairingId]);
        _host.Add("10 3 * * *", schedule => schedule with { PairingId = pool.PoolId, IsPool = true });
        await _host.StartAsync();

        await _host.PassAsync(TimeSpan.FromMinutes(6));

        ScanRecord run = Assert.Single(_host.Runs());
        Assert.Equal((true, pool.PoolId, "dmz", 1), (run.IsPool, run.PairingId, run.EngineName, run.Attempt));
        Assert.NotNull(_host.Store.GetPoolView(run.ScanId));
    }

    [Fact]
    public async Task A_change_of_a_schedule_holds_at_once_and_a_disabled_one_rests()
    {
        _host.Add("0 4 * * *");
        await _host.StartAsync();

        _host.Admin.Schedules.Set("NIGHTLY", schedule => schedule with { Cron = ["10 3 * * *"] });
        _host.Admin.Schedules.Set("nightly", schedule => schedule with { Cron = ["10 3 * * *"] });
        Assert.Single(_host.Trail(Events.ScheduleSet));
        await _host.LeapAsync(TimeSpan.FromMinutes(6));
        Assert.Single(_host.Runs());

        _host.Finish(_host.Runs()[0]);
        _host.Admin.Schedules.Set("nightly", schedule => schedule with { Enabled = false });
        Assert.Null(_host.Schedule().Next);
        await _host.LeapAsync(TimeSpan.FromDays(2));
        _host.Admin.Schedules.Set("nightly", schedule => schedule with { Enabled = true, Missed = MissedRunRule.Once });
        await _host.LookAsync();
        Assert.Single(_host.Runs());
        await _host.LeapAsync(TimeSpan.FromDays(1));
        Assert.Equal(2, _host.Runs().Length);
    }

    [Fact]
    public async Task A_schedule_that_cannot_be_reckoned_here_is_said_once_and_the_others_run()
    {
        _host.Add("10 3 * * *");
        _host.Add("10 3 * * *", schedule => schedule with { Name = "moved" });
        ScanRecord open = _host.Scan(ScanState.Running);
        _host.Store.UpdateScan(open.ScanId, scan => scan with { Schedule = "moved" });
        _host.Store.UpdateSchedule("moved", schedule => schedule with
        {
            TimeZone = "Atlantis/Capital",
            BlackOut = ["08:00-18:00"],
        });

        await _host.StartAsync();
        await _host.PassAsync(TimeSpan.FromMinutes(6));

        Assert.Single(_host.Runs(), run => run.Schedule == "nightly");
        Assert.Single(_host.Log, line => line.Event == Events.ScheduleFault);
        Assert.False(_host.Store.GetScan(open.ScanId)!.StopRequested);
    }

    [Fact]
    public async Task The_last_run_is_compared_with_the_one_before_and_what_is_different_is_an_event()
    {
        _host.Add("*/10 * * * *", schedule => schedule with
        {
            Request = schedule.Request with { Ports = "22,80" },
        });
        await _host.StartAsync();
        await RunAsync(PortState.Open, PortState.Closed);
        await RunAsync(PortState.Open, PortState.Closed);
        Assert.Empty(_host.Trail(Events.ScheduleDifference));

        ScanRecord before = _host.Runs()[^1];
        await RunAsync(PortState.Closed, PortState.Open);
        await _host.PassAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(
            [$"nightly: 1 Opened, 1 Closed; scan {_host.Runs()[^1].ScanId:D} against {before.ScanId:D}"],
            _host.Trail(Events.ScheduleDifference));
        Assert.Equal(_host.Runs()[^1].ScanId, _host.Schedule().ComparedScanId);

        // A console that starts again does not say it again.
        _host.Stop();
        await _host.StartAsync();
        Assert.Single(_host.Trail(Events.ScheduleDifference));
    }

    [Fact]
    public async Task The_loop_is_woken_by_what_is_due_and_by_the_doorbell()
    {
        await _host.StartAsync();
        using var stop = new CancellationTokenSource();
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var looked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _host.OnStore = (member, _) =>
        {
            if (member == "StepSchedule")
            {
                entered.TrySetResult();
            }
            else if (member == "ListScheduleTerms")
            {
                looked.TrySetResult();
            }
        };
        Task run = _host.Runner.RunAsync(stop.Token);
        await looked.Task.WaitAsync(TimeSpan.FromMinutes(3));
        looked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        // The clock may be far behind the run by the time that the loop looks at it.
        _host.Add("10 3 * * *", schedule => schedule with { Missed = MissedRunRule.Once });
        _host.Runner.Ring();
        await looked.Task.WaitAsync(TimeSpan.FromMinutes(3));
        await _host.Time.PassUntilAsync(entered.Task, 5 * _host.Turn);

        Assert.InRange(_host.Time.GetUtcNow(), Make.At("2030-01-02T03:10"), DateTimeOffset.MaxValue);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Single(_host.Runs());
    }

    [Fact]
    public void A_name_that_is_taken_or_looks_like_one_and_one_schedule_too_many_are_refused()
    {
        _host.Add("0 4 * * *", schedule => schedule with { Name = "lab-1" });
        AssertRefused(FaultCode.ScheduleNameInUse, "LAB-1");
        AssertRefused(FaultCode.ScheduleNameInUse, "lab-l");
        AssertRefused(FaultCode.ScheduleInvalid, "a*");
        AssertRefused(FaultCode.ScheduleInvalid, " a");

        for (int i = 1; i < ScheduleLimits.MaxSchedules; i++)
        {
            _host.Store.AddSchedule(
                Make.Schedule("UTC", "0 4 * * *") with { Name = $"s{i}", PairingId = _host.Engine.PairingId });
        }

        AssertRefused(FaultCode.ScheduleInvalid, "one too many");
    }

    private void AssertRefused(FaultCode code, string name) => Assert.Equal(
        code,
        Assert.Throws<ScanEngineException>(
            () => _host.Add("0 4 * * *", schedule => schedule with { Name = name })).Code);

    private async Task RunAsync(params PortState[] ports)
    {
        await _host.PassAsync(TimeSpan.FromMinutes(10));
        ScanRecord run = _host.Runs()[^1];
        _host.Store.UpdateScan(run.ScanId, now => now with { State = ScanState.Running, Attempt = 1 });
        _host.Store.SaveBatch(run.PairingId, run.ScanId, 1, new ScanBatch
        {
            Number = 1,
            Findings = [.. ports.Select((state, unit) => new Finding(unit, "127.0.0.1", unit == 0 ? 22 : 80, state, null, null))],
            Cursor = ports.Length,
            TargetsTotal = 1,
            TargetsDone = 1,
            Final = ScanState.Completed,
        }, _host.Time.GetUtcNow());
        await _host.LookAsync();
    }
}
