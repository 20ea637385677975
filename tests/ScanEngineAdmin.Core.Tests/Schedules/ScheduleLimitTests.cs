using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Schedules;
using ScanEngineAdmin.Scanning.Plan;

namespace ScanEngineAdmin.Core.Tests.Schedules;

/// <summary>
/// What ends a run before it is through, its longest duration and maintenance windows. It is 03:04:05 UTC on Wednesday,
/// 2030-01-02.
/// </summary>
public sealed class ScheduleLimitTests : IDisposable
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private readonly RunnerHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task A_run_is_suspended_at_a_limit_where_its_schedule_says_so_and_goes_on_when_it_is_resumed()
    {
        _host.Add("10 3 * * *", schedule => schedule with { MaxDuration = Hour, OnLimit = LimitRule.Suspend });
        await _host.StartAsync();
        await _host.PassAsync(TimeSpan.FromMinutes(6));
        ScanRecord run = Assert.Single(_host.Runs());
        _host.Store.UpdateScan(run.ScanId, now => now with { State = ScanState.Running, Attempt = 1 });

        await _host.LeapAsync(Hour);
        await _host.LookAsync();

        ScanRecord asked = Assert.Single(_host.Runs());
        Assert.Equal((false, ScanSuspension.Asked), (asked.StopRequested, asked.Suspension));
        Assert.StartsWith("Suspended: the longest duration", asked.Detail, StringComparison.Ordinal);
        Assert.Single(_host.Trail(Events.ScheduleRunStopped));

        _host.Store.UpdateScan(run.ScanId, now => ScanOutcome.Rest(now, now.Queued));
        ScanRecord resumed = _host.Admin.Scans.Resume(run.ScanId);
        Assert.Equal((ScanState.Queued, string.Empty), (resumed.State, resumed.Detail));
        await _host.LookAsync();
        Assert.Equal(ScanState.Queued, _host.Runs()[0].State);

        // In the queue it rests at once.
        await _host.LeapAsync(Hour + TimeSpan.FromMinutes(1));
        Assert.Equal(ScanState.Suspended, _host.Runs()[0].State);
    }

    [Fact]
    public async Task Runs_are_stopped_where_as_many_rest_as_may()
    {
        _host.Add("10 3 * * *", schedule => schedule with { MaxDuration = Hour, OnLimit = LimitRule.Suspend });
        await _host.StartAsync();
        await _host.PassAsync(TimeSpan.FromMinutes(6));
        ScanRecord run = Assert.Single(_host.Runs());
        for (int rests = 0; rests < ScheduleLimits.MaxSuspended; rests++)
        {
            _host.Store.AddScan(run with { ScanId = Guid.NewGuid(), State = ScanState.Suspended });
        }

        await _host.LeapAsync(Hour);
        await _host.LookAsync();

        ScanRecord ended = _host.Store.GetScan(run.ScanId)!;
        Assert.Equal(ScanState.Stopped, ended.State);
        Assert.Contains("suspended already", ended.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_is_stopped_when_its_longest_duration_is_over_whatever_is_done_to_the_clock()
    {
        _host.Add("10 3 * * *", schedule => schedule with { MaxDuration = Hour });
        await _host.StartAsync();
        await _host.PassAsync(TimeSpan.FromMinutes(6));
        ScanRecord run = Assert.Single(_host.Runs());
        _host.Store.UpdateScan(run.ScanId, now => now with { State = ScanState.Running, Attempt = 1 });
        await _host.LookAsync();

        _host.Time.Jump(TimeSpan.FromDays(1));
        await _host.LookAsync();
        Assert.False(_host.Runs()[0].StopRequested);
        await _host.LeapAsync(Hour);

        Assert.True(_host.Runs()[0].StopRequested);
        Assert.Contains("longest duration", Assert.Single(_host.Trail(Events.ScheduleRunStopped)), StringComparison.Ordinal);

        // One that an admin has go on has its whole time again.
        _host.Finish(run, ScanState.Stopped);
        _host.Admin.Scans.Resume(run.ScanId);
        await _host.LeapAsync(Hour - TimeSpan.FromMinutes(1));
        Assert.Equal(ScanState.Queued, _host.Runs()[0].State);
        await _host.LeapAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(ScanState.Stopped, _host.Runs()[0].State);
    }

    [Fact]
    public async Task In_a_window_of_the_console_nothing_runs_nor_starts_and_at_its_end_the_links_are_woken()
    {
        ScanRecord running = _host.Scan(ScanState.Running);
        ScanRecord queued = _host.Scan(ScanState.Queued);
        _host.Add("30 3 * * *", schedule => schedule with { Missed = MissedRunRule.Once });
        _host.Admin.Schedules.SetBlackOut(new ConsoleBlackOut(["03:10-04:00"], "UTC"));
        await _host.StartAsync();
        Assert.False(_host.IsBlackedOut);

        await _host.PassAsync(TimeSpan.FromMinutes(6));
        Assert.True(_host.IsBlackedOut);
        Assert.True(_host.Store.GetScan(running.ScanId)!.StopRequested);
        Assert.Equal(queued, _host.Store.GetScan(queued.ScanId)! with { Request = queued.Request });
        await _host.PassAsync(TimeSpan.FromMinutes(30));
        Assert.Empty(_host.Runs());
        Assert.NotNull(_host.Schedule().Waiting);
        Assert.Equal(0, _host.LinksRung);

        await _host.PassAsync(TimeSpan.FromMinutes(20));
        Assert.False(_host.IsBlackedOut);
        Assert.Single(_host.Runs());
        Assert.Equal(2, _host.LinksRung);
    }

    [Fact]
    public async Task In_a_window_of_its_own_a_schedule_rests_and_other_scans_do_not()
    {
        ScanRecord manual = _host.Scan(ScanState.Running);
        _host.Add("10 3 * * *", schedule => schedule with { BlackOut = ["Wed 03:20-03:40"] });
        await _host.StartAsync();
        await _host.PassAsync(TimeSpan.FromMinutes(6));
        Assert.Equal(ScanState.Queued, Assert.Single(_host.Runs()).State);

        await _host.PassAsync(TimeSpan.FromMinutes(10));

        Assert.Equal(ScanState.Stopped, _host.Runs()[0].State);
        Assert.Contains("maintenance window of schedule 'nightly'", _host.Runs()[0].Detail, StringComparison.Ordinal);
        Assert.False(_host.Store.GetScan(manual.ScanId)!.StopRequested);
    }

    [Fact]
    public async Task A_run_that_is_resumed_behind_the_end_of_its_window_is_not_held_to_the_window()
    {
        _host.Add("10 3 * * *", schedule => schedule with { BlackOut = ["03:20-04:00"], OnLimit = LimitRule.Suspend });
        await _host.StartAsync();
        await _host.PassAsync(TimeSpan.FromMinutes(20));
        ScanRecord run = Assert.Single(_host.Runs());
        Assert.Equal(ScanState.Suspended, run.State);

        // An admin takes the window away and resumes the run while the console has read the one and not yet the other.
        _host.OnStore = (member, _) =>
        {
            if (member == "ListScans")
            {
                _host.OnStore = (_, _) => { };
                _host.Admin.Schedules.Set("nightly", now => now with { BlackOut = [] });
                _host.Admin.Scans.Resume(run.ScanId);
            }
        };
        await _host.LookAsync();
        await _host.LookAsync();

        Assert.Equal(ScanState.Queued, Assert.Single(_host.Runs()).State);
    }
}
