using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Tests;

public sealed class DurationTextTests
{
    public static TheoryData<object, double> Readable => new()
    {
        { 30, 30 }, { 30L, 30 }, { 0.5, 0.5 }, { 1.5m, 1.5 }, { "30", 30 }, { "30s", 30 }, { " 5m ", 300 },
        { "1h", 3600 }, { "2d", 172800 }, { "250ms", 0.25 }, { "1.5h", 5400 }, { "00:00:30", 30 },
        { "1.00:00:00", 86400 },
        { "10 s", 10 }, { "5M", 300 }, { TimeSpan.FromMinutes(2), 120 },
    };

    [Theory]
    [MemberData(nameof(Readable))]
    public void What_people_type_is_read_as_they_mean_it(object value, double seconds)
    {
        Assert.True(DurationText.TryRead(value, out TimeSpan duration));
        Assert.Equal(seconds, duration.TotalSeconds, 6);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("soon")]
    [InlineData("5 weeks")]
    [InlineData("30sm")]
    [InlineData("1:2:3:4:5")]
    [InlineData("1e9")]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1e300)]
    [InlineData(true)]
    [InlineData(null)]
    public void What_is_no_duration_is_not_guessed_at(object? value) =>
        Assert.False(DurationText.TryRead(value, out _));
}
