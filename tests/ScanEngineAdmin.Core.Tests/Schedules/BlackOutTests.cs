using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Scanning.Schedules;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Schedules;

/// <summary>Maintenance windows.</summary>
public sealed class BlackOutTests
{
    [Theory]
    [InlineData("08:00-18:00", "2030-01-02T07:59:59.999", null)]
    [InlineData("08:00-18:00", "2030-01-02T08:00", "2030-01-02T18:00")]
    [InlineData("08:00-18:00", "2030-01-02T18:00", null)]
    // 2030-01-02 is a Wednesday.
    [InlineData("Mon-Fri 8:00-18:00", "2030-01-02T12:00", "2030-01-02T18:00")]
    [InlineData("sat,SUNDAY 00:00-24:00", "2030-01-02T12:00", null)]
    [InlineData("Sat,Sun 00:00-24:00", "2030-01-05T12:00", "2030-01-07T00:00")]
    [InlineData("Fri-Mon 22:00-02:00", "2030-01-08T01:00", "2030-01-08T02:00")]
    [InlineData("Fri-Mon 22:00-02:00", "2030-01-08T23:00", null)]
    [InlineData("22:00-02:00", "2030-01-02T01:59", "2030-01-02T02:00")]
    [InlineData("2030-01-02/2030-01-03", "2030-01-03T23:59", "2030-01-04T00:00")]
    [InlineData("2030-01-02T06:00/2030-01-02 07:30", "2030-01-02T07:00", "2030-01-02T07:30")]
    [InlineData("2030-01-02/2030-01-03", "2030-01-04T00:00", null)]
    public void A_window_lasts_from_its_start_to_before_its_end(string window, string now, string? until) =>
        Assert.Equal(
            until is null ? null : Make.At(until), BlackOut.Of([window], "UTC").Until(Make.At(now)));

    [Fact]
    public void Windows_that_follow_or_overlap_are_one() => Assert.Equal(
        Make.At("2030-01-02T12:00"),
        BlackOut.Of(["10:00-12:00", "08:00-09:00", "08:30-10:00"], "UTC").Until(Make.At("2030-01-02T08:15")));

    [Fact]
    public void Windows_without_end_are_no_endless_loop() =>
        Assert.NotNull(BlackOut.Of(["00:00-24:00"], "UTC").Until(Make.At("2030-01-02T08:15")));

    [Theory, NeedsTimeZones]
    // In the hour that comes twice the window lasts from the first 02:15 to the second 02:45.
    [InlineData("02:15-02:45", "2030-10-27T02:14+02:00", false)]
    [InlineData("02:15-02:45", "2030-10-27T02:15+02:00", true)]
    [InlineData("02:15-02:45", "2030-10-27T02:50+02:00", true)]
    [InlineData("02:15-02:45", "2030-10-27T02:44+01:00", true)]
    [InlineData("02:15-02:45", "2030-10-27T02:45+01:00", false)]
    // One whose end is left out ends when the clocks go on, one that is left out as a whole is none.
    [InlineData("01:30-02:30", "2030-03-31T01:59+01:00", true)]
    [InlineData("01:30-02:30", "2030-03-31T03:00+02:00", false)]
    [InlineData("02:15-02:45", "2030-03-31T03:00+02:00", false)]
    public void A_window_is_as_the_clocks_of_its_zone_go(string window, string now, bool lasts) =>
        Assert.Equal(lasts, BlackOut.Of([window], "Europe/Berlin").Until(Make.At(now)) is not null);

    [Theory]
    [InlineData("")]
    [InlineData("08:00")]
    [InlineData("08:00-08:00")]
    [InlineData("24:00-02:00")]
    [InlineData("25:00-26:00")]
    [InlineData("Mon")]
    [InlineData("Mod 08:00-09:00")]
    [InlineData("Mon-Tue-Wed 08:00-09:00")]
    [InlineData("2030-01-03/2030-01-02")]
    [InlineData("2030-01-03")]
    [InlineData("0001-01-01/0001-01-02")]
    [InlineData("9999-12-30/9999-12-31")]
    [InlineData("2030-02-30/2030-03-01")]
    public void What_is_no_window_is_refused(string window) => Assert.Equal(
        FaultCode.ScheduleInvalid,
        Assert.Throws<ScanEngineException>(() => BlackOut.Of([window], "UTC")).Code);

    [Fact]
    public void No_windows_forbid_nothing() => Assert.Null(BlackOut.None.Until(DateTimeOffset.UnixEpoch));
}
