using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;

namespace ScanEngineAdmin.Core.Tests.Security;

/// <summary>Two nodes with one identity take over from each other: the node that they connect to says so.</summary>
[Trait("Speed", "Slow")]
public sealed class IdentityTwiceTests
{
    [Fact]
    public async Task A_console_shows_it_for_an_hour()
    {
        var time = new LeapTime();
        await using NodePair pair = await NodePair.ActiveAsync(
            CommunicationDirection.EngineToConsole,
            console => console with { Channel = console.Channel with { Time = time } });
        await ReturnsAsync(pair, CommunicationDirection.EngineToConsole);

        await pair.UntilConsoleAsync(Shown);
        await pair.UntilEventAsync("IdentityTwice");
        await FreshAsync(TimeSpan.FromMinutes(50), Shown);
        await FreshAsync(TimeSpan.FromMinutes(11), now => !Shown(now));

        // The channels do not live through so long a silence; what is shown then is of a new one.
        async Task FreshAsync(TimeSpan passes, Func<EngineRecord, bool> until)
        {
            time.Pass(passes);
            DateTimeOffset before = time.GetUtcNow();
            await pair.UntilConsoleAsync(
                now => now.Status == CommunicationStatus.Active && now.LastContact > before && until(now));
        }

        static bool Shown(EngineRecord engine) =>
            engine.StatusDetail?.Contains("two nodes", StringComparison.Ordinal) == true;
    }

    [Fact]
    public async Task An_engine_shows_it_and_has_it_in_its_trail()
    {
        await using NodePair pair = await NodePair.ActiveAsync(
            CommunicationDirection.ConsoleToEngine,
            console => console with { ProbeInterval = TimeSpan.FromMilliseconds(300) });
        await ReturnsAsync(pair, CommunicationDirection.ConsoleToEngine);

        await pair.UntilEngineAsync(
            now => now.LastError?.Contains("two nodes", StringComparison.Ordinal) == true);
        await pair.UntilEngineEventAsync("IdentityTwice");
    }

    /// <summary>A copy of the node that dials takes over, and that node comes back.</summary>
    private static async Task ReturnsAsync(NodePair pair, CommunicationDirection way)
    {
        using var copy = new DialledPeer(pair, way);
        await using PeerChannel channel = await copy.OpenAsync();
        await channel.Completion.WaitAsync(NodePair.Patience);
        Assert.Equal(RefusalCode.Superseded, channel.Fault?.Refusal?.Code);
        await pair.LoggedAsync("IdentityTwice");
    }
}
