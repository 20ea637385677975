using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>
/// No packet passes the way in force any more. The admins of both hosts name the other one, each on his own host, and
/// the two meet over it.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class DeadWayTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_pending_change_here_and_a_proposal_there_bring_a_pair_over_whose_way_is_dead(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        pair.On(way).Block();

        await pair.Console.Direction.RequestOfflineAsync(
            pair.PairingId, pair.Request(Ways.Other(way)), CancellationToken.None);
        Propose(pair, Ways.Other(way));

        await OverAsync(pair, Ways.Other(way));
        await pair.UntilNothingPendingAsync();
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task The_engines_admin_alone_can_do_it_where_the_console_knows_the_address(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way, Quick);
        pair.Console.SetEngine(pair.PairingId, null, pair.ToEngine.Host, pair.ToEngine.EndPoint.Port);
        pair.On(way).Block();

        Propose(pair, Ways.Other(way));

        await OverAsync(pair, Ways.Other(way));
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Two_that_are_certain_of_different_directions_meet_over_the_one_that_passes(
        CommunicationDirection passes)
    {
        // One of the two came back from a backup at the other's epoch; what the engine believes in is dead.
        CommunicationDirection dead = Ways.Other(passes);
        await using NodePair pair = await NodePair.ActiveAsync(dead, Quick);
        await pair.StopConsoleAsync();
        pair.Console.Store.UpdateEngine(pair.PairingId, now => now with
        {
            Direction = passes,
            Address = pair.ToEngine.Host,
            Port = pair.ToEngine.EndPoint.Port,
        });
        pair.On(dead).Block();
        await pair.StartConsoleAsync();

        Propose(pair, passes);

        await OverAsync(pair, passes);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_proposal_that_is_taken_back_closes_what_it_opened(CommunicationDirection way)
    {
        CommunicationDirection other = Ways.Other(way);
        await using NodePair pair = await NodePair.ActiveAsync(way, console => console with
        {
            OverdueInterval = TimeSpan.FromHours(1),
        });
        await pair.StopConsoleAsync();
        pair.StandIn = null;
        Propose(pair, other);
        if (other == CommunicationDirection.ConsoleToEngine)
        {
            await pair.UntilEngineStoreAsync(
                () => pair.Engine.Store.GetNode()!, node => node.EndPoint is not null);
        }
        else
        {
            await pair.UntilEngineAsync(now => now.ConsecutiveFailures > 0);
        }

        pair.Engine.SetConsole(pair.PairingId, null, null, way);

        if (other == CommunicationDirection.ConsoleToEngine)
        {
            await pair.UntilEngineStoreAsync(() => pair.Engine.Store.GetNode()!, node => node.EndPoint is null);
        }
        else
        {
            await pair.LoggedAsync("PollerStopped");
        }
    }

    private static ConsoleNodeOptions Quick(ConsoleNodeOptions options) => options with
    {
        ProbeInterval = TimeSpan.FromMilliseconds(300),
        OverdueInterval = TimeSpan.FromMilliseconds(300),
        PendingRetry = TimeSpan.FromMilliseconds(200),
        MaxPendingRetry = TimeSpan.FromMilliseconds(400),
    };

    /// <summary>On the engine's host; to reverse with the address that it has to dial.</summary>
    private static void Propose(NodePair pair, CommunicationDirection to) => pair.Engine.SetConsole(
        pair.PairingId,
        to == CommunicationDirection.EngineToConsole ? pair.ToConsole.Host : null,
        to == CommunicationDirection.EngineToConsole ? pair.ToConsole.EndPoint.Port : null,
        to);

    private static async Task OverAsync(NodePair pair, CommunicationDirection way)
    {
        await pair.UntilEngineAsync(now =>
            now.Direction == way && now.ChangeId is null && now.ProposedDirection is null);
        EngineRecord engine = await pair.UntilConsoleAsync(now =>
            now.Direction == way && now.Epoch == pair.AtEngine.Epoch);
        using var targets = new ScanTargets();
        await targets.RunAsync(pair);
        Assert.Equal((way, engine.Epoch), (pair.AtEngine.Direction, pair.AtEngine.Epoch));
    }
}
