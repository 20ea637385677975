using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>
/// Either side comes back from a backup that is older than a change of direction. Whatever each believes then: they
/// meet, agree by rule, and a scan runs.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class RestoredDirectionTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_restored_console_finds_its_engine_and_takes_over_its_direction(CommunicationDirection way)
    {
        await using NodePair pair = await ChangedAsync(way, restoreConsole: true, restoreEngine: false);

        await SettledAsync(pair, Ways.Other(way), epoch: 1);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_restored_engine_is_brought_back_to_the_direction_in_force(CommunicationDirection way)
    {
        await using NodePair pair = await ChangedAsync(way, restoreConsole: false, restoreEngine: true);

        await SettledAsync(pair, Ways.Other(way), epoch: null);
        await pair.UntilNothingPendingAsync();
    }

    [Fact]
    public async Task A_restored_engine_whose_polls_do_not_get_through_is_told_over_a_listener_that_it_has_for_another()
    {
        await using NodePair pair = await ChangedAsync(
            CommunicationDirection.EngineToConsole, restoreConsole: false, restoreEngine: true, block: true);

        await SettledAsync(pair, CommunicationDirection.ConsoleToEngine, epoch: 1);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task At_one_epoch_and_in_two_directions_the_engine_is_right(CommunicationDirection way)
    {
        // The restored console tried the same change again, in vain, and so used up the engine's epoch.
        await using NodePair pair = await ChangedAsync(
            way, restoreConsole: true, restoreEngine: false, consoleEpoch: 1);

        await SettledAsync(pair, Ways.Other(way), epoch: 1);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_console_restored_in_the_middle_of_the_change_agrees_with_the_engine_that_went_on(
        CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way, Quick);
        EngineRecord before = pair.AtConsole;
        await pair.ChangeAsync(Ways.Other(way));
        await DirectionTests.AgreedAsync(pair, Ways.Other(way), 1);
        await pair.StopConsoleAsync();
        pair.Console.Store.UpdateEngine(pair.PairingId, now => Reachable(pair, before));
        ChangeRecord change = pair.Console.Store.ListChanges(pair.PairingId)[0];
        pair.Console.Store.UpdateChange(change.ChangeId, (row, engine) => (
            row with { State = ChangeState.Preparing, Decided = null, Acknowledged = null }, engine));

        await pair.StartConsoleAsync();

        await SettledAsync(pair, Ways.Other(way), epoch: 1);
        await pair.UntilChangeAsync(now => now.ChangeId == change.ChangeId && now.State == ChangeState.RolledBack);
    }

    /// <summary>A change is made, and one side goes back to what it knew before.</summary>
    private static async Task<NodePair> ChangedAsync(
        CommunicationDirection way,
        bool restoreConsole,
        bool restoreEngine,
        long? consoleEpoch = null,
        bool block = false)
    {
        NodePair pair = await NodePair.ActiveAsync(way, Quick);
        try
        {
            EngineRecord atConsole = pair.AtConsole;
            ConsoleRecord atEngine = pair.AtEngine;
            await pair.ChangeAsync(Ways.Other(way));
            await DirectionTests.AgreedAsync(pair, Ways.Other(way), 1);
            await pair.StopConsoleAsync();
            await pair.StopEngineAsync();
            if (restoreConsole)
            {
                pair.Console.Store.UpdateEngine(
                    pair.PairingId, now => Reachable(pair, atConsole) with { Epoch = consoleEpoch ?? atConsole.Epoch });
            }

            if (restoreEngine)
            {
                pair.Engine.Store.UpdateConsole(pair.PairingId, now => atEngine);
            }

            if (block)
            {
                pair.ToConsole.Block();
                pair.Engine.Store.AddConsole(new ConsoleRecord
                {
                    PairingId = Guid.NewGuid(),
                    ConsoleId = Guid.NewGuid(),
                    State = ConsoleState.Paired,
                    Direction = CommunicationDirection.ConsoleToEngine,
                    FirstSeen = DateTimeOffset.UtcNow,
                });
            }

            await pair.StartEngineAsync();
            await pair.StartConsoleAsync();
            return pair;
        }
        catch
        {
            await pair.DisposeAsync();
            throw;
        }
    }

    /// <summary>A reverse engine is known by the address it was seen at; here that is the relay's.</summary>
    private static EngineRecord Reachable(NodePair pair, EngineRecord engine) =>
        engine with { Address = pair.ToEngine.Host, Port = pair.ToEngine.EndPoint.Port };

    private static ConsoleNodeOptions Quick(ConsoleNodeOptions options) => options with
    {
        ProbeInterval = TimeSpan.FromMilliseconds(300),
        OverdueInterval = TimeSpan.FromMilliseconds(300),
        PendingRetry = TimeSpan.FromMilliseconds(200),
        MaxPendingRetry = TimeSpan.FromMilliseconds(400),
    };

    private static async Task SettledAsync(NodePair pair, CommunicationDirection way, long? epoch)
    {
        await pair.UntilEngineAsync(now =>
            now.Direction == way && now.ChangeId is null && (epoch is null || now.Epoch == epoch));
        EngineRecord engine = await pair.UntilConsoleAsync(now =>
            now.Direction == way && (epoch is null || now.Epoch == epoch) && now.Epoch == pair.AtEngine.Epoch);
        Assert.Equal(engine.Epoch, pair.AtEngine.Epoch);
        using var targets = new ScanTargets();
        await targets.RunAsync(pair);
        Assert.Equal((way, way), (pair.AtConsole.Direction, pair.AtEngine.Direction));
    }
}
