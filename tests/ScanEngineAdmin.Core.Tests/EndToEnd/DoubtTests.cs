using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>
/// The console alone decides; an engine that has not heard the outcome keeps both ways open until it has. Whoever dies
/// or cannot be reached, and when: afterwards they agree.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class DoubtTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_console_that_dies_before_it_decided_goes_back_and_tells_the_engine(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        pair.On(Ways.Other(way)).Block();
        Task change = pair.ChangeAsync(Ways.Other(way), TimeSpan.FromSeconds(60));
        await pair.UntilChangeAsync(now => now.State == ChangeState.Proving);
        await pair.UntilEngineAsync(now => now.ChangeId is not null);

        await pair.StopConsoleAsync();
        await Expect.FaultAsync(FaultCode.ConsoleNotRunning, () => change);
        await pair.StartConsoleAsync();

        ChangeRecord settled = await pair.UntilChangeAsync(now => now.Acknowledged is not null);
        Assert.Equal(ChangeState.RolledBack, settled.State);
        await DirectionTests.AgreedAsync(pair, way, 1);
        pair.On(Ways.Other(way)).Unblock();
        using var targets = new ScanTargets();
        await targets.RunAsync(pair);
        await pair.ChangeAsync(Ways.Other(way));
        await DirectionTests.AgreedAsync(pair, Ways.Other(way), 2);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task An_engine_that_dies_in_doubt_comes_back_with_both_ways_and_the_change_succeeds(
        CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        pair.On(Ways.Other(way)).Block();
        Task change = pair.ChangeAsync(Ways.Other(way));
        await pair.UntilChangeAsync(now => now.State == ChangeState.Proving);
        await pair.StopEngineAsync();
        Assert.NotNull(pair.AtEngine.ChangeId);

        await pair.StartEngineAsync();
        pair.On(Ways.Other(way)).Unblock();

        await change;
        await DirectionTests.AgreedAsync(pair, Ways.Other(way), 1);
        using var targets = new ScanTargets();
        await targets.RunAsync(pair);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task An_outcome_that_was_not_heard_is_told_again_until_it_is(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        Task cut = CutWhenDecidedAsync(pair);
        Task change = pair.ChangeAsync(Ways.Other(way));
        await cut.WaitAsync(NodePair.Patience);
        ChangeRecord decided = await pair.UntilChangeAsync(now => now.IsDecided);
        Assert.Equal((ChangeState.Committed, null), (decided.State, decided.Acknowledged));
        Assert.Equal(decided.ChangeId, pair.AtEngine.ChangeId);
        Assert.Equal(way, pair.AtEngine.Direction);

        pair.ToEngine.Unblock();
        pair.ToConsole.Unblock();

        await change;
        await pair.UntilChangeAsync(now => now.Acknowledged is not null);
        await DirectionTests.AgreedAsync(pair, Ways.Other(way), 1);
        using var targets = new ScanTargets();
        await targets.RunAsync(pair);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task An_outcome_reaches_the_engine_over_the_old_way_when_only_that_is_open(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        Task cut = CutWhenDecidedAsync(pair);
        Task change = pair.ChangeAsync(Ways.Other(way));
        await cut.WaitAsync(NodePair.Patience);

        pair.On(way).Unblock();

        await change;
        await pair.UntilEngineAsync(now => now.ChangeId is null && now.Direction == Ways.Other(way) && now.Epoch == 1);
        pair.On(Ways.Other(way)).Unblock();
        await DirectionTests.AgreedAsync(pair, Ways.Other(way), 1);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Both_die_after_the_decision_and_agree_when_they_are_back(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord scan = await targets.HeldAsync(pair);
        Task cut = CutWhenDecidedAsync(pair);
        Task change = pair.ChangeAsync(Ways.Other(way));
        await cut.WaitAsync(NodePair.Patience);
        await pair.StopConsoleAsync();
        await pair.StopEngineAsync();

        pair.ToEngine.Unblock();
        pair.ToConsole.Unblock();
        await pair.StartEngineAsync();
        await pair.StartConsoleAsync();

        await change;
        await pair.UntilChangeAsync(now => now.Acknowledged is not null);
        await DirectionTests.AgreedAsync(pair, Ways.Other(way), 1);
        ScanRecord done = await targets.CompletedAsync(pair, scan);
        Assert.Equal(1, done.Attempt);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Doubt_about_a_change_that_the_console_never_heard_of_ends(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        await pair.StopEngineAsync();
        pair.Engine.Store.UpdateConsole(pair.PairingId, console => console with
        {
            ChangeId = Guid.NewGuid(),
            ChangeTo = Ways.Other(way),
            ChangeEpoch = 1,
            ChangeAddress = pair.ToConsole.Host,
            ChangePort = pair.ToConsole.EndPoint.Port,
        });

        await pair.StartEngineAsync();

        await DirectionTests.AgreedAsync(pair, way, 0);
        using var targets = new ScanTargets();
        await targets.RunAsync(pair);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_console_that_was_restored_from_a_backup_takes_over_what_its_engine_knows(
        CommunicationDirection way)
    {
        // The backup is from before two changes; the engine is reached in the direction that both know.
        await using NodePair pair = await NodePair.ActiveAsync(way);
        await pair.StopConsoleAsync();
        await pair.StopEngineAsync();
        pair.Engine.Store.UpdateConsole(pair.PairingId, console => console with { Epoch = 2 });

        await pair.StartEngineAsync();
        await pair.StartConsoleAsync();

        await pair.UntilConsoleAsync(now => now.Epoch == 2);
        await DirectionTests.AgreedAsync(pair, way, 2);
        await pair.ChangeAsync(Ways.Other(way));
        await DirectionTests.AgreedAsync(pair, Ways.Other(way), 3);
    }

    [Fact]
    public async Task A_console_whose_backup_says_standard_takes_over_that_its_engine_polls()
    {
        await using NodePair pair = await NodePair.ActiveAsync(CommunicationDirection.EngineToConsole);
        await pair.StopConsoleAsync();
        pair.Console.Store.UpdateEngine(pair.PairingId, engine => engine with
        {
            Direction = CommunicationDirection.ConsoleToEngine,
            Address = pair.ToEngine.Host,
            Port = pair.ToEngine.EndPoint.Port,
        });
        pair.Engine.Store.UpdateConsole(pair.PairingId, console => console with { Epoch = 1 });

        await pair.StartConsoleAsync();

        await pair.UntilConsoleAsync(now => now.Direction == CommunicationDirection.EngineToConsole);
        await DirectionTests.AgreedAsync(pair, CommunicationDirection.EngineToConsole, 1);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_restored_console_does_not_take_back_what_an_engine_in_doubt_had_heard(
        CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        await pair.StopConsoleAsync();
        await pair.StopEngineAsync();
        pair.Engine.Store.UpdateConsole(pair.PairingId, console => console with
        {
            Epoch = 4,
            ChangeId = Guid.NewGuid(),
            ChangeTo = Ways.Other(way),
            ChangeEpoch = 5,
            ChangeAddress = pair.ToConsole.Host,
            ChangePort = pair.ToConsole.EndPoint.Port,
        });

        await pair.StartEngineAsync();
        await pair.StartConsoleAsync();

        await DirectionTests.AgreedAsync(pair, way, 4);
        await pair.UntilConsoleAsync(now => now.Epoch == 4);
    }

    /// <summary>At the very moment of the decision both ways are cut: nobody hears of it.</summary>
    private static Task CutWhenDecidedAsync(NodePair pair)
    {
        var cut = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        pair.Logged = entry =>
        {
            if (entry.Event == "ChangeDecided")
            {
                pair.Logged = null;
                pair.ToEngine.Block();
                pair.ToConsole.Block();
                cut.TrySetResult();
            }
        };
        return cut.Task;
    }
}
