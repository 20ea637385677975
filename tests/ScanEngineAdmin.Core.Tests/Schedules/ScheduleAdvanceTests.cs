using ScanEngineAdmin.Domain.Schedules;
using ScanEngineAdmin.Scanning.Schedules;

namespace ScanEngineAdmin.Core.Tests.Schedules;

/// <summary>What becomes of a schedule at a moment.</summary>
public sealed class ScheduleAdvanceTests
{
    private static readonly DateTimeOffset Due = Make.At("2030-01-02T02:00");

    private readonly ScheduleRecord _daily = Make.Schedule("UTC", "0 2 * * *") with { Next = Due };

    [Fact]
    public void A_run_begins_when_it_is_due_and_once()
    {
        Assert.Null(Of(_daily, Due.AddTicks(-1)).Run);

        ScheduleAdvance advance = Of(_daily, Due);

        Assert.Equal(Due, advance.Run);
        Assert.Equal((Due.AddDays(1), Due, 1L, 0L), Books(advance.Schedule));
        Assert.Empty(advance.Notes);
        Assert.Null(Of(advance.Schedule, Due).Run);
        Assert.Same(advance.Schedule, Of(advance.Schedule, Due.AddHours(1)).Schedule);
    }

    [Theory]
    [InlineData(MissedRunRule.Skip, false, 3)]
    [InlineData(MissedRunRule.Once, true, 2)]
    public void Of_runs_that_nobody_could_begin_one_is_made_up_for_or_none(MissedRunRule rule, bool runs, long skipped)
    {
        DateTimeOffset now = Due.AddDays(2).AddHours(5);

        ScheduleAdvance advance = Of(_daily with { Missed = rule }, now);

        Assert.Equal(runs ? Due.AddDays(2) : null, advance.Run);
        Assert.Equal((Due.AddDays(3), Due.AddDays(2), runs ? 1L : 0L, skipped), Books(advance.Schedule));
        Assert.StartsWith("3 runs were due from 2030-01-02", Assert.Single(advance.Notes).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_is_on_time_makes_up_for_those_before_it_whatever_the_rule()
    {
        ScheduleAdvance advance = Of(_daily, Due.AddDays(1).AddSeconds(30));

        Assert.Equal(Due.AddDays(1), advance.Run);
        Assert.Equal(1, advance.Schedule.Skipped);
    }

    [Fact]
    public void A_run_that_overlaps_is_left_out_or_waits_and_one_waits_at_most()
    {
        ScheduleAdvance left = Of(_daily, Due, running: true);
        Assert.Null(left.Run);
        Assert.Equal(1, left.Schedule.Skipped);
        Assert.Contains("the one before is not over", left.Schedule.Detail, StringComparison.Ordinal);

        ScheduleRecord waits = Of(_daily with { Overlap = OverlapRule.Queue }, Due, running: true).Schedule;
        Assert.Equal((Due, 0L), (waits.Waiting, waits.Skipped));
        ScheduleRecord second = Of(waits, Due.AddDays(1), running: true).Schedule;
        Assert.Equal((Due, 1L), (second.Waiting, second.Skipped));

        ScheduleAdvance begins = Of(second, Due.AddDays(1).AddHours(3));
        Assert.Equal(Due, begins.Run);
        Assert.Null(begins.Schedule.Waiting);
        Assert.Equal((Due.AddDays(2), 1L), (begins.Schedule.Next, begins.Schedule.Runs));
        Assert.Null(Of(begins.Schedule, Due.AddDays(1).AddHours(3)).Run);
    }

    [Theory]
    [InlineData(MissedRunRule.Skip)]
    [InlineData(MissedRunRule.Once)]
    public void A_run_in_a_maintenance_window_counts_as_missed(MissedRunRule rule)
    {
        DateTimeOffset end = Due.AddHours(2);
        ScheduleAdvance held = Of(_daily with { Missed = rule }, Due, until: end);
        Assert.Null(held.Run);
        Assert.Equal(rule == MissedRunRule.Once ? Due : null, held.Schedule.Waiting);
        Assert.Null(Of(held.Schedule, Due.AddHours(1), until: end).Run);

        Assert.Equal(rule == MissedRunRule.Once ? Due : null, Of(held.Schedule, end).Run);
    }

    [Fact]
    public void A_clock_that_is_set_back_a_little_repeats_nothing()
    {
        ScheduleRecord ran = Of(_daily, Due.AddSeconds(1)).Schedule;

        ScheduleAdvance back = Of(ran, Due.AddSeconds(-3));

        Assert.Null(back.Run);
        Assert.Same(ran, back.Schedule);
    }

    [Fact]
    public void A_clock_that_was_years_ahead_does_not_silence_a_schedule_when_it_is_put_right()
    {
        ScheduleRecord ahead = Of(_daily with { Missed = MissedRunRule.Once }, Due.AddYears(3)).Schedule;

        ScheduleAdvance right = Of(ahead, Due.AddHours(1));

        Assert.Null(right.Run);
        Assert.Equal(Due.AddDays(1), right.Schedule.Next);
        Assert.Equal(Due.AddDays(1), Of(right.Schedule, Due.AddDays(1)).Run);
    }

    [Fact]
    public void Years_of_missed_minutes_are_one_step()
    {
        ScheduleRecord often = Make.Schedule("UTC", "* * * * *") with { Next = Due };

        ScheduleAdvance advance = Of(often, Due.AddYears(20));

        Assert.True(advance.Schedule.Next > Due.AddYears(20));
        Assert.True(Of(advance.Schedule, advance.Schedule.Next!.Value).Run is not null);
    }

    [Fact]
    public void A_schedule_that_has_ended_or_is_disabled_begins_nothing()
    {
        ScheduleRecord last = _daily with { EndDate = new DateOnly(2030, 1, 2) };
        ScheduleAdvance advance = Of(last, Due);
        Assert.Equal(Due, advance.Run);
        Assert.Null(advance.Schedule.Next);
        Assert.Null(Of(advance.Schedule, Due.AddYears(1)).Run);

        Assert.Null(Of(_daily with { Enabled = false }, Due).Run);
    }

    private static ScheduleAdvance Of(
        ScheduleRecord schedule, DateTimeOffset now, bool running = false, DateTimeOffset? until = null) =>
        ScheduleAdvance.Of(schedule, ScheduleTimes.Of(schedule, Make.Cron), until, running, now);

    private static (DateTimeOffset? Next, DateTimeOffset? Last, long Runs, long Skipped) Books(
        ScheduleRecord schedule) => (schedule.Next, schedule.LastDue, schedule.Runs, schedule.Skipped);
}
