using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Schedules;
using ScanEngineAdmin.Scanning.Schedules;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Schedules;

/// <summary>When runs are due.</summary>
public sealed class ScheduleTimesTests
{
    [Theory, NeedsTimeZones]
    // Clocks go from 02:00 to 03:00 on 2030-03-31 in Berlin: 02:30 comes when they go on.
    [InlineData("Europe/Berlin", "30 2 * * *", "2030-03-30T12:00Z",
        "2030-03-31T03:00+02:00 2030-04-01T02:30+02:00")]
    // And back from 03:00 to 02:00 on 2030-10-27: 02:30 comes once, the first time.
    [InlineData("Europe/Berlin", "30 2 * * *", "2030-10-26T12:00Z",
        "2030-10-27T02:30+02:00 2030-10-28T02:30+01:00")]
    // What recurs within the hour comes in both of them.
    [InlineData("Europe/Berlin", "*/30 * * * *", "2030-10-26T23:59Z",
        "2030-10-27T02:00+02:00 2030-10-27T02:30+02:00 2030-10-27T02:00+01:00 2030-10-27T02:30+01:00 "
        + "2030-10-27T03:00+01:00")]
    [InlineData("Europe/Berlin", "*/30 * * * *", "2030-03-31T00:29Z",
        "2030-03-31T01:30+01:00 2030-03-31T03:00+02:00 2030-03-31T03:30+02:00")]
    // The gap of half an hour of Lord Howe Island: from 02:00 to 02:30 on 2030-10-06.
    [InlineData("Australia/Lord_Howe", "15 2 * * *", "2030-10-05T00:00Z",
        "2030-10-06T02:30+11:00 2030-10-07T02:15+11:00")]
    [InlineData("UTC", "30 2 * * *", "2030-03-30T12:00Z", "2030-03-31T02:30Z 2030-04-01T02:30Z")]
    [InlineData("UTC", "0 6 * * MON,FRI", "2030-01-02T06:00Z", "2030-01-04T06:00Z 2030-01-07T06:00Z")]
    [InlineData("UTC", "0 0 29 2 *", "2030-01-01T00:00Z", "2032-02-29T00:00Z 2036-02-29T00:00Z")]
    public void A_time_is_as_the_clocks_of_its_zone_go(string zone, string cron, string after, string times)
    {
        string[] expected = times.Split(' ');

        Assert.Equal(
            expected.Select(Make.At),
            ScheduleTimes.Of(Make.Schedule(zone, cron), Make.Cron).List(Make.At(after), expected.Length));
    }

    [Fact]
    public void Of_several_expressions_whichever_is_first_is_next_and_none_counts_twice()
    {
        ScheduleRecord schedule = Make.Schedule("UTC", "0 2 * * *", "30 14 * * *", "0 2 1 * *");

        Assert.Equal(
            [Make.At("2030-01-01T02:00"), Make.At("2030-01-01T14:30"), Make.At("2030-01-02T02:00")],
            ScheduleTimes.Of(schedule, Make.Cron).List(Make.At("2030-01-01T00:00"), 3));
    }

    [Fact, NeedsTimeZones]
    public void The_first_and_the_last_day_are_whole_days_of_the_zone()
    {
        ScheduleRecord schedule = Make.Schedule("Asia/Tokyo", "0 */12 * * *") with
        {
            StartDate = new DateOnly(2030, 5, 1),
            EndDate = new DateOnly(2030, 5, 2),
        };

        Assert.Equal(
            [
                Make.At("2030-05-01T00:00+09:00"), Make.At("2030-05-01T12:00+09:00"),
                Make.At("2030-05-02T00:00+09:00"), Make.At("2030-05-02T12:00+09:00"),
            ],
            ScheduleTimes.Of(schedule, Make.Cron).List(Make.At("2030-01-01T00:00"), 10));
    }

    [Theory]
    [InlineData("61 * * * *")]
    [InlineData("* * * *")]
    [InlineData("0 0 0 * * *")]
    [InlineData("")]
    [InlineData("every day")]
    public void What_is_no_expression_is_refused_with_the_reason(string cron)
    {
        ScanEngineException fault = Assert.Throws<ScanEngineException>(
            () => ScheduleTimes.Of(Make.Schedule("UTC", cron), Make.Cron));
        Assert.Equal(FaultCode.ScheduleInvalid, fault.Code);
        Assert.Contains($"'{cron}' is no cron expression: ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_zone_that_this_host_does_not_know_is_refused()
    {
        ScanEngineException fault = Assert.Throws<ScanEngineException>(
            () => ScheduleTimes.Of(Make.Schedule("Atlantis/Capital", "0 0 * * *"), Make.Cron));
        Assert.Equal(FaultCode.ScheduleInvalid, fault.Code);
    }

    [Fact]
    public void A_day_that_never_comes_has_no_next_time() =>
        Assert.Null(ScheduleTimes.Of(Make.Schedule("UTC", "0 0 30 2 *"), Make.Cron).Next(Make.At("2030-01-01T00:00")));

    [Fact]
    public void The_end_of_the_calendar_is_no_fault() =>
        Assert.Null(ScheduleTimes.Of(Make.Schedule("UTC", "0 0 * * *"), Make.Cron).Next(DateTimeOffset.MaxValue));
}
