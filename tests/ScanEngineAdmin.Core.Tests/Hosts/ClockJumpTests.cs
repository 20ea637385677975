using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Core.Tests.Hosts;

/// <summary>The clocks of both hosts are set by hours; what is due, and what is under way, does not mind.</summary>
[Trait("Speed", "Slow")]
public sealed class ClockJumpTests
{
    public static TheoryData<CommunicationDirection, int> Jumps { get; } = new()
    {
        { CommunicationDirection.ConsoleToEngine, 7 },
        { CommunicationDirection.ConsoleToEngine, -7 },
        { CommunicationDirection.EngineToConsole, 7 },
        { CommunicationDirection.EngineToConsole, -7 },
    };

    [Theory, MemberData(nameof(Jumps))]
    public async Task A_scan_and_its_channel_go_on_over_a_jump_of_hours(CommunicationDirection way, int hours)
    {
        (NodePair pair, LeapTime time) = await ActiveAsync(way);
        await using NodePair ends = pair;
        using var targets = new ScanTargets();
        ScanRecord scan = await targets.HeldAsync(pair, seconds: 2);
        pair.Log.Clear();

        time.Jump(TimeSpan.FromHours(hours));

        ScanRecord done = await targets.CompletedAsync(pair, scan);
        Assert.Equal(1, done.Attempt);
        Assert.DoesNotContain(pair.Log, entry => entry.Event is "ChannelClosed" or "PollFailed");
        EngineRecord fresh = await pair.UntilConsoleAsync(now => Near(now.LastContact, time));
        Assert.Equal(CommunicationStatus.Active, fresh.Status);
        Assert.True(fresh.NextExpected is null || Near(fresh.NextExpected, time));
    }

    [Theory, MemberData(nameof(Jumps))]
    public async Task Whoever_dials_goes_on_trying_after_a_jump_and_a_change_is_not_out_of_time(
        CommunicationDirection way, int hours)
    {
        (NodePair pair, LeapTime time) = await ActiveAsync(way);
        await using NodePair ends = pair;
        pair.On(way).Block();
        if (way == CommunicationDirection.ConsoleToEngine)
        {
            await pair.UntilConsoleAsync(now => now.Status == CommunicationStatus.NotResponding);
        }
        else
        {
            await pair.UntilEngineAsync(now => now.ConsecutiveFailures > 0);
        }

        time.Jump(TimeSpan.FromHours(hours));
        pair.On(way).Unblock();
        await pair.ActiveAsync();

        pair.On(Ways.Other(way)).Block();
        Task change = pair.ChangeAsync(Ways.Other(way));
        await pair.UntilChangeAsync(now => now.State == ChangeState.Proving);
        time.Jump(TimeSpan.FromHours(hours));
        pair.On(Ways.Other(way)).Unblock();
        await change;
        await DirectionTests.AgreedAsync(pair, Ways.Other(way), 1);
    }

    private static bool Near(DateTimeOffset? shown, LeapTime time) =>
        shown is { } at && (at - time.GetUtcNow()).Duration() < TimeSpan.FromMinutes(30);

    private static async Task<(NodePair Pair, LeapTime Time)> ActiveAsync(CommunicationDirection way)
    {
        var time = new LeapTime();
        ConsoleNodeOptions Console(ConsoleNodeOptions options) => options with
        {
            ContactRefresh = TimeSpan.FromSeconds(1),
            Channel = options.Channel with { Time = time, HeartbeatInterval = TimeSpan.FromSeconds(1) },
        };
        ChannelOptions alike = Console(new ConsoleNodeOptions { Channel = NodePair.Patient }).Channel;
        NodePair pair = await NodePair.ActiveAsync(way, Console, engine => engine with { Channel = alike });
        return (pair, time);
    }
}
