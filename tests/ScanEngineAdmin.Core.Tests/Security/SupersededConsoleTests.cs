using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;

namespace ScanEngineAdmin.Core.Tests.Security;

/// <summary>
/// Two consoles with one identity of one generation: the one that is pushed out does not push back before its next
/// probe. The other half of the rule, for engines, is in the end-to-end tests of two copies.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class SupersededConsoleTests
{
    [Fact]
    public async Task A_console_that_is_superseded_stays_away_until_its_next_probe_and_says_why()
    {
        const CommunicationDirection way = CommunicationDirection.ConsoleToEngine;
        var interval = TimeSpan.FromMinutes(5);
        await using NodePair pair = await NodePair.ActiveAsync(way, console => console with
        {
            ProbeInterval = interval,
            Linger = interval,
        });
        await using PlayedConsole copy = PlayedConsole.Start(pair, way);
        DateTimeOffset before = DateTimeOffset.UtcNow;

        await using PeerChannel newer = await copy.OpenAsync().WaitAsync(NodePair.Patience);

        EngineRecord away = await pair.UntilConsoleAsync(
            now => now.StatusDetail?.Contains("Another console", StringComparison.Ordinal) == true);
        Assert.Equal(CommunicationStatus.NotResponding, away.Status);
        Assert.InRange(away.NextExpected!.Value, before + interval, DateTimeOffset.UtcNow + interval);
        await pair.UntilEventAsync("IdentityTwice");
        await newer.PingAsync(CancellationToken.None).WaitAsync(NodePair.Patience);
        Assert.False(pair.ConsoleNode!.Links.Find(pair.PairingId)?.Channels.Any == true);
    }
}
