using System.Net;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>The direction in force is asked for, at another port: proved there first, or left as it is.</summary>
[Trait("Speed", "Slow")]
public sealed class MovedPortTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Another_port_is_in_force_once_the_other_end_was_met_there(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        await using Relay moved = Beside(pair, way);

        await pair.Console.Direction.ChangeAsync(pair.PairingId, At(pair, way, moved.EndPoint.Port), null, default)
            .WaitAsync(NodePair.Patience);

        Assert.True(moved.Connections > 0);
        pair.On(way).Block();
        using var targets = new ScanTargets();
        await targets.RunAsync(pair);
        Assert.Equal(way, pair.AtConsole.Direction);
        Assert.Equal(
            moved.EndPoint.Port,
            way == CommunicationDirection.ConsoleToEngine ? pair.AtConsole.Port : pair.AtEngine.Port);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_port_where_nobody_answers_changes_nothing_and_says_what_to_do(CommunicationDirection way)
    {
        var late = new LateProof();
        await using NodePair pair = await NodePair.ActiveAsync(way, late.Of);
        (string?, int) before = Where(pair, way);
        await using Relay dead = Beside(pair, way);
        dead.Block();

        // The console's admin dials a standard engine there once; a reverse engine is waited for.
        DirectionChangeRequest request = At(pair, way, dead.EndPoint.Port);
        ScanEngineException refused = way == CommunicationDirection.EngineToConsole
            ? await late.FailedAsync(pair, request)
            : await Assert.ThrowsAsync<ScanEngineException>(
                () => LateProof.Start(pair, request).WaitAsync(NodePair.Patience));

        Assert.Equal(FaultCode.ChangeFailed, refused.Code);
        Assert.Contains("Prove: no round trip", refused.Message, StringComparison.Ordinal);
        Assert.Contains($":{dead.EndPoint.Port}", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Test-EngineFirewall", refused.Recommendation, StringComparison.Ordinal);
        await pair.UntilEngineAsync(now => now.ChangeId is null);
        Assert.Equal(before, Where(pair, way));
        using var targets = new ScanTargets();
        await targets.RunAsync(pair);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reverse_engine_that_is_cut_off_in_the_midst_of_a_move_comes_back_where_it_was(bool restart)
    {
        const CommunicationDirection Way = CommunicationDirection.EngineToConsole;
        var late = new LateProof();
        await using NodePair pair = await NodePair.ActiveAsync(Way, late.Of);
        (string?, int) before = Where(pair, Way);

        // As of an engine behind a filter: nobody can dial it.
        pair.ToEngine.Block();
        await using Relay dead = Beside(pair, Way);
        dead.Block();
        Task<FirewallPlan> move = LateProof.Start(pair, At(pair, Way, dead.EndPoint.Port));
        await pair.UntilEngineAsync(now => now.ChangeId is not null);
        if (restart)
        {
            await pair.StopConsoleAsync();
            await pair.StartConsoleAsync();
        }
        else
        {
            pair.ToConsole.Cut();
        }

        await late.EndAsync(pair);
        await Assert.ThrowsAsync<ScanEngineException>(() => move.WaitAsync(NodePair.Patience));
        await pair.UntilEngineAsync(now => now.ChangeId is null);
        ChangeRecord change = await pair.UntilChangeAsync(now => now.Acknowledged is not null);
        Assert.Equal(ChangeState.RolledBack, change.State);
        Assert.Equal(before, Where(pair, Way));
        using var targets = new ScanTargets();
        await targets.RunAsync(pair);
    }

    [Fact]
    public async Task A_console_that_does_not_know_the_move_leaves_its_engine_where_it_can_be_reached()
    {
        const CommunicationDirection Way = CommunicationDirection.EngineToConsole;
        await using NodePair pair = await NodePair.ActiveAsync(Way);
        (string?, int) before = Where(pair, Way);
        pair.ToEngine.Block();
        await using Relay dead = Beside(pair, Way);
        dead.Block();

        // As after a backup of the console from before the move.
        await pair.StopEngineAsync();
        pair.Engine.Store.UpdateConsole(pair.PairingId, now => now with
        {
            ChangeId = Guid.NewGuid(),
            ChangeTo = Way,
            ChangeEpoch = now.Epoch + 1,
            ChangeAddress = dead.Host,
            ChangePort = dead.EndPoint.Port,
        });
        await pair.StartEngineAsync();

        ConsoleRecord certain = await pair.UntilEngineAsync(now => now.ChangeId is null);
        Assert.Equal(before, Where(pair, Way));
        Assert.Equal(certain.Epoch, pair.AtConsole.Epoch);
        using var targets = new ScanTargets();
        await targets.RunAsync(pair);
    }

    [Fact]
    public async Task A_port_alone_is_refused_where_nobody_knows_at_which_address()
    {
        const CommunicationDirection Way = CommunicationDirection.EngineToConsole;
        await using NodePair pair = await NodePair.ActiveAsync(
            Way, console => console with { Listen = new IPEndPoint(IPAddress.Any, 0) });
        (string?, int) before = Where(pair, Way);
        await using Relay moved = Beside(pair, Way);

        await Expect.FaultAsync(FaultCode.ConsoleAddressRequired, () => pair.Console.Direction
            .ChangeAsync(
                pair.PairingId, new DirectionChangeRequest { Direction = Way, ConsolePort = moved.EndPoint.Port },
                null, default)
            .WaitAsync(NodePair.Patience));

        Assert.Empty(pair.Console.Store.ListChanges());
        Assert.Equal(before, Where(pair, Way));
    }

    [Fact]
    public async Task A_reverse_engine_that_comes_back_from_the_midst_of_a_move_taken_back_dials_where_it_did()
    {
        const CommunicationDirection Way = CommunicationDirection.EngineToConsole;
        var late = new LateProof();
        await using NodePair pair = await NodePair.ActiveAsync(Way, late.Of);
        (string?, int) before = Where(pair, Way);
        await using Relay dead = Beside(pair, Way);
        dead.Block();
        Task<FirewallPlan> move = LateProof.Start(pair, At(pair, Way, dead.EndPoint.Port));
        ConsoleRecord backup = await pair.UntilEngineAsync(now => now.ChangeId is not null);
        await late.EndAsync(pair);
        await Assert.ThrowsAsync<ScanEngineException>(() => move.WaitAsync(NodePair.Patience));
        await pair.UntilChangeAsync(now => now.Acknowledged is not null);

        await pair.StopEngineAsync();
        pair.Engine.Store.UpdateConsole(pair.PairingId, _ => backup);
        await pair.StartEngineAsync();

        await pair.UntilEngineAsync(now => now.ChangeId is null);
        Assert.Equal(before, Where(pair, Way));
        using var targets = new ScanTargets();
        await targets.RunAsync(pair);
    }

    [Fact]
    public async Task A_dry_run_of_another_port_tries_it_and_changes_nothing()
    {
        const CommunicationDirection Way = CommunicationDirection.ConsoleToEngine;
        await using NodePair pair = await NodePair.ActiveAsync(Way);
        (string?, int) before = Where(pair, Way);
        await using Relay moved = Beside(pair, Way);

        DirectionPreview preview = await pair.Console.Direction
            .PreviewAsync(pair.PairingId, At(pair, Way, moved.EndPoint.Port), default)
            .WaitAsync(NodePair.Patience);

        Assert.True(preview.Reach!.Succeeded, string.Join('\n', preview.Reach.Stages));
        Assert.Equal(before, Where(pair, Way));
    }

    /// <summary>Another port at the host that is dialled, which leads to the same node.</summary>
    private static Relay Beside(NodePair pair, CommunicationDirection way) => new(
        pair.On(way).EndPoint.Address,
        () => way == CommunicationDirection.ConsoleToEngine ? pair.EngineNode?.EndPoint : pair.ConsoleNode?.EndPoint);

    private static DirectionChangeRequest At(NodePair pair, CommunicationDirection way, int port) =>
        way == CommunicationDirection.ConsoleToEngine
            ? new DirectionChangeRequest { Direction = way, Port = port }
            : new DirectionChangeRequest { Direction = way, ConsoleAddress = pair.ToConsole.Host, ConsolePort = port };

    private static (string?, int) Where(NodePair pair, CommunicationDirection way) =>
        way == CommunicationDirection.ConsoleToEngine
            ? (pair.AtConsole.Address, pair.AtConsole.Port)
            : (pair.AtEngine.Address, pair.AtEngine.Port);
}
