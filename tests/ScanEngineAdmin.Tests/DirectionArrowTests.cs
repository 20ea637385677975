using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Tests;

public sealed class DirectionArrowTests
{
    [Theory]
    [InlineData(CommunicationDirection.ConsoleToEngine, 40814, false, "console ──40814──▶ engine")]
    [InlineData(CommunicationDirection.EngineToConsole, 40815, false, "console ◀──40815── engine")]
    [InlineData(CommunicationDirection.ConsoleToEngine, 443, true, "console --443--> engine")]
    [InlineData(CommunicationDirection.EngineToConsole, 40815, true, "console <--40815-- engine")]
    [InlineData(CommunicationDirection.ConsoleToEngine, null, false, "console ──▶ engine")]
    [InlineData(CommunicationDirection.EngineToConsole, null, true, "console <-- engine")]
    public void The_arrow_points_from_who_dials(
        CommunicationDirection direction, int? port, bool plain, string arrow) =>
        Assert.Equal(arrow, DirectionArrow.Draw(direction, port, plain));

    [Theory]
    [InlineData(0.4, "now")]
    [InlineData(45, "45 s ago")]
    [InlineData(600, "10 min ago")]
    [InlineData(86400, "24 h ago")]
    [InlineData(864000, "10 d ago")]
    [InlineData(-25, "in 25 s")]
    public void An_age_is_short_and_tells_past_from_future(double secondsAgo, string text)
    {
        var now = new DateTime(2026, 11, 22, 12, 0, 0, DateTimeKind.Local);

        Assert.Equal(text, DirectionArrow.Age(now.AddSeconds(-secondsAgo), now));
    }

    [Theory]
    [InlineData("Standard", CommunicationDirection.ConsoleToEngine)]
    [InlineData("reverse", CommunicationDirection.EngineToConsole)]
    [InlineData("consoletoengine", CommunicationDirection.ConsoleToEngine)]
    public void The_vendors_words_are_understood(string word, CommunicationDirection direction)
    {
        Assert.True(DirectionConverter.TryRead(word, out CommunicationDirection read));
        Assert.Equal(direction, read);
        Assert.False(DirectionConverter.TryRead("sideways", out _));
    }
}
