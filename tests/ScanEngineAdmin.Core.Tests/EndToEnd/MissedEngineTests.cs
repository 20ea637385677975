using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>A reverse engine that is missing is dialled once in a while, by its console.</summary>
[Trait("Speed", "Slow")]
public sealed class MissedEngineTests
{
    [Fact]
    public async Task One_that_has_come_back_meanwhile_is_not_dialled_the_moment_it_is_away_again()
    {
        var interval = TimeSpan.FromSeconds(2);
        await using NodePair pair = await NodePair.ActiveAsync(
            CommunicationDirection.EngineToConsole, console => console with { OverdueInterval = interval });
        await pair.StopEngineAsync();
        await pair.LoggedAsync("LookFailed");

        // The next look is due at most two intervals later: it falls due while the engine is there.
        DateTimeOffset due = DateTimeOffset.UtcNow + (2 * interval);
        await pair.StartEngineAsync();
        await pair.UntilEngineAsync(now => now.LastPoll > due);
        pair.Log.Clear();
        DateTimeOffset there = DateTimeOffset.UtcNow;
        await pair.StopEngineAsync();
        await pair.LoggedAsync("LookFailed");

        // Due at once, it would be dialled as soon as the engine has stopped, which takes a moment.
        DateTimeOffset looked = pair.Log.First(entry => entry.Event == "LookFailed").Time;
        Assert.InRange(looked - there, interval * 0.8, NodePair.Patience);
    }
}
